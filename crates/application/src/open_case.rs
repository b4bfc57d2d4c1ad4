use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{Case, OpenRequest};
use engage_repository::AccessGeneration;

use crate::case_changes::{OpenCommand, Prepared};
use crate::customer_access::{AccessToken, AccessTokens, Proof, ProofDemand};
use crate::{Attachments, CaseChanges, CaseError, ChangeOptions, ChangeOutcome, Requester};

/// Result of a request to open a case.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The new case, or the stored response to a repeated request.
    pub outcome: ChangeOutcome,
    /// The customer's access token. Because it is not stored, it is issued again for a repeated
    /// request.
    pub access_token: AccessToken,
}

/// Opens a case for a customer.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{ChangeOptions, OpenCase};
/// # use engage_application::{AccessTokens, Attachments, ServerSecret, SpaceFloor};
/// # use engage_repository::{AccessGeneration, MockAttachmentStore, MockUploadRepository};
/// use engage_testkit::builders::{a_new_case, monday};
/// use engage_testkit::use_cases::case_changes;
/// use engage_testkit::FakeCases;
/// # use engage_testkit::{ManualClock, SequentialIds};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = ServerSecret::from_bits([7; 32]);
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let attachments = Attachments {
/// #     contents: Arc::new(MockAttachmentStore::new()),
/// #     uploads: Arc::new(MockUploadRepository::new()),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SequentialIds::new()),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// let cases = FakeCases::default();
/// let open_case = OpenCase::new(case_changes(&cases), tokens.clone(), attachments);
/// let opened = open_case.execute(a_new_case(), &ChangeOptions::default()).await?;
/// let case = opened.outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.number().to_string(), "CW-2025-001");
/// assert_eq!(cases.commits().len(), 1);
///
/// // The customer proves with the token that the case is theirs.
/// let (token, generation) = (opened.access_token, AccessGeneration::default());
/// assert!(tokens.fits(token.expose(), case.facts().id, generation, monday()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OpenCase {
    changes: Arc<CaseChanges>,
    tokens: AccessTokens,
    attachments: Attachments,
}

impl OpenCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, tokens: AccessTokens, attachments: Attachments) -> Self {
        Self { changes, tokens, attachments }
    }

    /// Opens a case under a new number and queues its notifications.
    ///
    /// The stored files of the request are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        request: OpenRequest,
        options: &ChangeOptions,
    ) -> Result<Opened, CaseError<Infallible>> {
        let files = request.attachments.clone();
        let requester =
            Requester::Customer { proof: Proof::default(), demand: ProofDemand::default() };
        let command = OpenCommand { requester, options, notifies_customer: true };
        let open = self.changes.open(
            command,
            || std::future::ready(Ok(Prepared::default())),
            |id, number, _, policies, stamp| {
                Ok(Case::open(id, number, request.clone(), policies, stamp))
            },
        );
        let outcome = Box::pin(open).await;
        self.attachments.discard_unused(&outcome, &files).await;
        let outcome = outcome?;
        let (case, opened_at) = match &outcome {
            ChangeOutcome::Changed(changed) => {
                let facts = changed.case.facts();
                (facts.id, facts.last_activity)
            }
            ChangeOutcome::Replayed(response) => (response.case_id, response.changed_at),
        };
        let access_token = self.tokens.issue(case, AccessGeneration::default(), opened_at);
        Ok(Opened { outcome, access_token })
    }
}
