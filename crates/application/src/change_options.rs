use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Case, Version};
use engage_repository::{
    EventOrigin, IdempotencyKey, IdempotencyRecord, RepositoryError, RequestDigest,
};

use crate::changed::Changed;
use crate::error::CaseError;
use crate::staff_access::Authority;

/// What a caller makes a change depend on.
#[derive(Clone, Default)]
pub struct ChangeOptions {
    /// The versions of the case that the caller would have changed; any, where it is left out.
    pub versions: Option<Vec<Version>>,
    /// Under which key the change is to happen once.
    pub once: Option<IdempotentRequest>,
    /// What admits a member of staff, to be looked at again where the directory changed meanwhile.
    pub authority: Option<Authority>,
    /// By what and from where it is asked for.
    pub origin: EventOrigin,
}

impl ChangeOptions {
    pub(crate) fn check_version<R: std::error::Error + 'static>(
        &self,
        case: &Case,
    ) -> Result<(), CaseError<R>> {
        let current = case.version();
        match &self.versions {
            Some(versions) if !versions.contains(&current) => Err(CaseError::Stale { current }),
            _ => Ok(()),
        }
    }
}

/// Writes down what is answered to a change, without anything secret.
type RenderResponse = Arc<dyn Fn(&Changed) -> Result<String, serde_json::Error> + Send + Sync>;

/// A change that happens once, however often it is asked for.
#[derive(Clone)]
pub struct IdempotentRequest {
    /// The key of the request.
    pub key: IdempotencyKey,
    /// What is asked for.
    pub digest: RequestDigest,
    /// What is answered.
    pub answer: RenderResponse,
    /// For how long the answer is kept.
    pub retention: Duration,
}

impl IdempotentRequest {
    /// What is kept in the commit of the change.
    pub(crate) fn record(&self, changed: &Changed) -> Result<IdempotencyRecord, RepositoryError> {
        Ok(IdempotencyRecord {
            key: self.key,
            digest: self.digest,
            answer: (self.answer)(changed).map_err(RepositoryError::internal)?,
            expires_at: changed.case.facts().last_activity.plus(self.retention),
        })
    }
}
