use std::sync::Arc;

use engage_notifier::Snapshot;
use engage_repository::EventPosition;

/// An event of any case, with its feed position.
pub type FollowedEvent = Arc<(EventPosition, Snapshot)>;
