use std::sync::Arc;

use engage_notifier::Snapshot;
use engage_repository::EventPosition;

/// An event at its place among those of all cases.
pub type FollowedEvent = Arc<(EventPosition, Snapshot)>;
