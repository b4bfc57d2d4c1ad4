use engage_domain::{Case, Version};
use engage_repository::{EventOrigin, IdempotencyKey, RequestDigest};

use crate::changed::Changed;
use crate::error::CaseError;

/// Preconditions, idempotency key and origin of a change.
#[derive(Clone, Default)]
pub struct ChangeOptions {
    /// Versions of the case that the caller accepts. `None` accepts any.
    pub preconditions: Option<Vec<Version>>,
    /// The idempotency key of the request, if it has one.
    pub idempotency: Option<IdempotentRequest>,
    /// Credential, address, request id and trace, for the history of the case.
    pub origin: EventOrigin,
}

/// Function that renders the response to a change for storage. It contains no secrets.
pub type RenderResponse = fn(&Changed) -> serde_json::Result<String>;

/// Idempotency key of a request and everything needed to replay its response.
#[derive(Clone)]
pub struct IdempotentRequest {
    /// Idempotency key.
    pub key: IdempotencyKey,
    /// Digest of the request's content. The same key with another digest is refused.
    pub digest: RequestDigest,
    /// Renders the response, which is stored with the change.
    pub render: RenderResponse,
}

impl ChangeOptions {
    /// Checks the preconditions. Fails with [`CaseError::Stale`] if the case is at another version.
    pub(crate) fn check_version<R: std::error::Error + 'static>(
        &self,
        case: &Case,
    ) -> Result<(), CaseError<R>> {
        let current = case.version();
        match &self.preconditions {
            Some(versions) if !versions.contains(&current) => Err(CaseError::Stale { current }),
            _ => Ok(()),
        }
    }
}
