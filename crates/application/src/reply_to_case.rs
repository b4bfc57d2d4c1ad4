use std::sync::Arc;

use engage_domain::case::ReplyError;
use engage_domain::{Case, CaseNumber, Policies, ReplyRequest};

use crate::attachments::{FileRefusal, count_refused_files};
use crate::{
    Admission, Attachments, CaseChanges, CaseCommand, CaseError, ChangeOptions, ChangeOutcome,
    Proof,
};

/// Adds a customer's reply to a case.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{ChangeOptions, Proof, ReplyToCase};
/// # use engage_application::{Attachments, SpaceFloor};
/// use engage_domain::{ReplyRequest, Status};
/// # use engage_repository::{MockAttachmentStore, MockUploadRepository};
/// # use engage_testkit::builders::{a_case_number, an_opened, in_status, monday};
/// # use engage_testkit::{FakeCases, ManualClock, SequentialIds, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # let attachments = Attachments {
/// #     contents: Arc::new(MockAttachmentStore::new()),
/// #     uploads: Arc::new(MockUploadRepository::new()),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SequentialIds::new()),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// cases.add(in_status(&an_opened(1).case, Status::WaitingOnCustomer, monday()).case);
/// let reply_to_case = ReplyToCase::new(case_changes(&cases), attachments);
///
/// // The files of the request would be stored in between.
/// let admission = reply_to_case.admit(a_case_number(1), Proof::default()).await?;
/// let request = ReplyRequest::message("It still says 403.".parse()?);
/// let outcome = reply_to_case.execute(admission, request, ChangeOptions::default()).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.status(), Status::InProgress);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReplyToCase {
    changes: Arc<CaseChanges>,
    attachments: Attachments,
}

impl ReplyToCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, attachments: Attachments) -> Self {
        Self { changes, attachments }
    }

    /// Authorizes the customer before any file of the request is stored.
    pub async fn admit(
        &self,
        number: CaseNumber,
        proof: Proof,
    ) -> Result<Admission, CaseError<ReplyError>> {
        self.changes.admit(CaseCommand::by_customer(number, proof)).await
    }

    /// Adds a reply from a verified customer. A waiting case resumes, and a recently resolved one
    /// reopens.
    ///
    /// The stored files of the request are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        admission: Admission,
        request: ReplyRequest,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<ReplyError>> {
        let reply = |case: &Case, policies: &Policies, stamp| {
            case.reply(request.clone(), policies, stamp).map(Some)
        };
        let outcome = self.changes.change_admitted(admission.with_options(options), reply).await;
        if let Err(CaseError::Refused(ReplyError::FilesTooLarge { .. })) = outcome {
            count_refused_files(FileRefusal::Case);
        }
        self.attachments.discard_unused(&outcome, &request.attachments).await;
        outcome
    }
}
