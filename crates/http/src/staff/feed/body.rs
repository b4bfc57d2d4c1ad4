use engage_domain::{EventType, Timestamp};
use engage_notifier::{Snapshot, SnapshotData};
use engage_repository::EventPosition;
use serde::Serialize;
use utoipa::ToSchema;

/// One event, as webhooks get it, with its place among those of all cases.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedEventBody {
    /// Its place; where to go on after it.
    #[schema(example = "4711")]
    pub(super) cursor: String,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "case.updated")]
    pub(super) event_type: EventType,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    data: SnapshotData,
}

impl FeedEventBody {
    pub(super) fn new((position, snapshot): (EventPosition, Snapshot)) -> Self {
        Self {
            cursor: position.0.to_string(),
            event_type: snapshot.event_type,
            timestamp: snapshot.timestamp,
            data: snapshot.data,
        }
    }
}
