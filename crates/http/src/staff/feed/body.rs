use engage_domain::{EventType, Timestamp};
use engage_notifier::{Snapshot, SnapshotData};
use engage_repository::EventPosition;
use serde::Serialize;
use utoipa::ToSchema;

/// An event in the format of webhooks, with its position in the feed.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedEventBody {
    /// Position of the event. Send it as `cursor` to continue after the event.
    #[schema(example = "4711")]
    pub(super) cursor: String,
    /// Type of the event.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "case.updated")]
    pub(super) event_type: EventType,
    /// Time of the event.
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
