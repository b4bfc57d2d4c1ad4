use engage_domain::{Case, Version};
use engage_repository::{EventOrigin, IdempotencyKey, RequestDigest};

use crate::changed::Changed;
use crate::error::CaseError;

/// Conditions of a change.
#[derive(Clone, Default)]
pub struct ChangeOptions {
    /// The versions of the case that the caller accepts; `None` accepts any version.
    pub preconditions: Option<Vec<Version>>,
    /// The idempotency key of the request, if it has one.
    pub idempotency: Option<IdempotentRequest>,
    /// The credential, address and request id, for the history of the case.
    pub origin: EventOrigin,
}

/// Renders the response to a change, without secrets, so that it can be stored.
pub type RenderResponse = fn(&Changed) -> serde_json::Result<String>;

/// A request that takes effect once, however often it is sent.
#[derive(Clone)]
pub struct IdempotentRequest {
    /// The key of the request.
    pub key: IdempotencyKey,
    /// The digest of the request's content. The same key with another digest is refused.
    pub digest: RequestDigest,
    /// Renders the response that is stored with the change.
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
