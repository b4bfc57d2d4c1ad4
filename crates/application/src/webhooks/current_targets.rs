use std::sync::Arc;

use engage_domain::notify::WebhookTarget;
use engage_repository::DirectoryVersion;

/// Webhook endpoints that receive the event of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTargets {
    /// The enabled endpoints.
    pub endpoints: Arc<[WebhookTarget]>,
    /// Version of the directory at which the endpoints were read, or an earlier one. `None` if the
    /// endpoints are fixed.
    pub directory: Option<DirectoryVersion>,
}
