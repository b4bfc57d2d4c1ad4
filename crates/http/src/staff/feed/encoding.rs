//! Events as text/event-stream (HTML Living Standard, section 9.2).

use actix_web::web::Bytes;
use engage_application::FollowedEvent;

use super::body::FeedEventBody;

pub(super) const MEDIA_TYPE: &str = "text/event-stream";

pub(super) const EXAMPLE: &str = "retry: 2000\n\nid: 4711\nevent: case.updated\ndata: \
    {\"cursor\":\"4711\",\"type\":\"case.updated\",…}\n\n:\n\n";

/// Start of a stream: the delay in milliseconds before a client reconnects.
pub(super) const BEGIN: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// A comment. Clients ignore it, and it keeps proxies from closing an idle connection.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// Appends events to the text. JSON has no line breaks outside strings and escapes those inside, so
/// each event is one line of data.
pub(super) fn write(events: &[FollowedEvent], text: &mut Vec<u8>) -> serde_json::Result<()> {
    for event in events {
        let body = FeedEventBody::new((**event).clone());
        let head = format!("id: {}\nevent: {}\ndata: ", body.cursor, body.event_type.as_str());
        text.extend_from_slice(head.as_bytes());
        serde_json::to_writer(&mut *text, &body)?;
        text.extend_from_slice(b"\n\n");
    }
    Ok(())
}
