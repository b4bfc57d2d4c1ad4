use std::sync::Arc;

use engage_domain::WebhookTarget;
use engage_repository::DirectoryVersion;

/// The endpoints that hear of events, as a change is planned by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTargets {
    /// The endpoints.
    pub endpoints: Arc<[WebhookTarget]>,
    /// The version of the directory that they were read by, or an earlier one; none where they never
    /// change.
    pub directory: Option<DirectoryVersion>,
}
