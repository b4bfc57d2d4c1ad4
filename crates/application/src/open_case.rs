use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::OpenRequest;
use engage_repository::AccessGeneration;

use crate::customer_access::{AccessToken, AccessTokens};
use crate::{Attachments, CaseChanges, CaseError, ChangeOptions, ChangeOutcome};

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
        let outcome = Box::pin(self.changes.open(request, options)).await;
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
