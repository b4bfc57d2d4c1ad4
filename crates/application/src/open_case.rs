use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::OpenRequest;
use engage_repository::AccessGeneration;

use crate::customer_access::{AccessToken, AccessTokens};
use crate::{Attachments, CaseChanges, CaseError, ChangeOptions, ChangeOutcome};

/// A case that was opened now or by an earlier request with the same idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The result of the request.
    pub outcome: ChangeOutcome,
    /// The customer's access token. It is issued anew for a repeated request, since it is not stored.
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

    /// Opens a case under a new number and announces it.
    ///
    /// The stored files of the request are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        request: OpenRequest,
        options: &ChangeOptions,
    ) -> Result<Opened, CaseError<Infallible>> {
        let files = request.attachments.clone();
        let outcome = self.changes.open(request, options).await;
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
