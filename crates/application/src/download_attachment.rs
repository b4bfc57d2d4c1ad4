use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{AttachmentId, CaseNumber};
use engage_repository::CaseRepository;

use crate::{Attachments, CaseError, CustomerAuthorizer, Download, Proof, ProofDemand};

/// Opens the files of a case for its customer and its participants.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use bytes::Bytes;
/// use engage_application::{DownloadAttachment, Proof};
/// # use engage_application::{
/// #     AccessMode, AccessTokens, Attachments, CustomerAuthorizer, NewFile, ServerSecret,
/// #     SpaceFloor,
/// # };
/// # use engage_attachments::AttachmentContents;
/// use engage_domain::AttachmentId;
/// # use engage_domain::{Actor, Policies, ReplyRequest};
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, a_stamp, an_opened, monday};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, secret) = (Arc::new(ManualClock::new()), ServerSecret::from_bits([7; 32]));
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let authorizer = CustomerAuthorizer::new(AccessMode::CaseNumber, tokens, clock.clone());
/// # let attachments = Attachments {
/// #     contents: Arc::new(AttachmentContents::in_memory()),
/// #     uploads: store.clone(),
/// #     clock,
/// #     ids: Arc::new(SystemIds),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// # let (filename, content_type) = ("error.log".parse()?, "text/plain".parse()?);
/// # let new = NewFile { filename, content_type, uploaded_by: None };
/// # let content = futures_util::stream::iter([Ok(Bytes::from("It says 403."))]);
/// # let file = attachments.store(new, Box::pin(content)).await?;
/// # let opened = an_opened(1);
/// # let reply = ReplyRequest::files(vec![file.clone()]);
/// # let stamp = a_stamp(Actor::Customer, monday());
/// # let replied = opened.case.reply(reply, &Policies::default(), stamp)?;
/// # for decision in [opened, replied] {
/// #     store.commit(a_change_set(decision, Vec::new())).await?;
/// # }
/// let download = DownloadAttachment::new(store, authorizer, attachments);
/// let (number, proof) = (a_case_number(1), Proof::default());
/// let found = download.execute(&number, &proof, file.id).await?.expect("it is of the case");
/// assert_eq!(found.file.filename.as_str(), "error.log");
/// let bytes: Vec<_> = found.content.try_collect().await?;
/// assert_eq!(bytes.concat(), b"It says 403.");
///
/// let other = AttachmentId::from_u128(7);
/// assert!(download.execute(&number, &proof, other).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DownloadAttachment {
    cases: Arc<dyn CaseRepository>,
    authorizer: CustomerAuthorizer,
    attachments: Attachments,
}

impl DownloadAttachment {
    /// Creates the use case.
    pub fn new(
        cases: Arc<dyn CaseRepository>,
        authorizer: CustomerAuthorizer,
        attachments: Attachments,
    ) -> Self {
        Self { cases, authorizer, attachments }
    }

    /// Opens a file of a public update that the person may read. Returns `None` if the case has no such
    /// file.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        file: AttachmentId,
    ) -> Result<Option<Download>, CaseError<Infallible>> {
        let find = async { Ok(self.cases.find_case(number).await?) };
        let authorized =
            self.authorizer.authorize(number, proof, ProofDemand::OfMode, find).await?;
        Ok(self.attachments.open_public(number, file, authorized.person.view()).await?)
    }
}
