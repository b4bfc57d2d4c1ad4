//! The feed of all events, as pages or as a stream.

mod body;
mod encoding;
mod stream;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use actix_web::body::BodyStream;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, get, web};
use engage_application::ReadHistory;
use engage_repository::EventPosition;
use futures_util::{Stream, StreamExt, stream as streams};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use self::body::FeedEventBody;
pub(crate) use self::stream::EventStreams;
use super::access::{ReadEventFeed, Recheck, Required, Staff};
use super::history::{HistoryPagination, LARGEST_PART, PART, cursor};
use crate::accept::accepted;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

/// A page of the event feed.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsResponse {
    success: bool,
    /// Events in the order of their positions.
    events: Vec<FeedEventBody>,
    pagination: HistoryPagination,
}

/// Format of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Parts,
    Stream,
}

const FORMS: &[(&str, Form)] =
    &[("application/json", Form::Parts), (encoding::MEDIA_TYPE, Form::Stream)];

/// Returns the id of the last event that the client received, if it resumes a stream.
fn last_event_id(v: &mut Validation, headers: &HeaderMap) -> Option<u64> {
    let given = headers.get("last-event-id")?.to_str().map_or("?", str::trim);
    if given.is_empty() {
        return None;
    }
    let place = given.parse().ok();
    if place.is_none() {
        v.problem("Last-Event-ID", "must be the id of an event of this stream");
    }
    place
}

/// Read or stream the events of all cases.
///
/// Every event has a fixed position, the same on every server. A client that continues after the
/// last position it received misses no event, even if changes were concurrent.
///
/// Send `Accept: text/event-stream` to get a stream of server-sent events: all events after the
/// given position, then each new event within a second of its commit. `id` is the position of the
/// event. Send it as `Last-Event-ID` or `cursor` to resume on any server. `event` is the type.
/// `data` is the same object as in `events` of the JSON response, in one line. A comment is sent
/// after 15 seconds without an event. The stream ends without an error when the server stops, when
/// events are temporarily unavailable, when the token becomes invalid (within 15 seconds), or when
/// the client has read nothing for a minute. In all these cases, reconnect.
#[utoipa::path(
    security(("staffToken" = [ReadEventFeed::ROLE])),
    params(
        ("cursor" = Option<String>, Query, description = "Position to continue after: the \
            `cursor` of an event, or the `pagination.nextCursor` of an earlier response. By \
            default, the feed starts at the oldest event."),
        ("limit" = Option<u32>, Query, description = "Maximum number of events, 50 by default. Ignored for a stream.", minimum = 1, maximum = 100),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event \
            received on a stream. Takes precedence over `cursor`. Browsers' `EventSource` sends it."),
    ),
    responses(
        (status = 200, description = "The events.", content(
            (EventsResponse = "application/json"),
            (String = "text/event-stream", example = json!(encoding::EXAMPLE)),
        )),
        (status = 410, description = "`CURSOR_EXPIRED`: the cursor is past the last event, for \
            example after a backup was restored. `details.last` is the last position. Read all \
            cases again, then continue from there.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`, also if the member has the maximum number of open streams.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`, also if the server has the maximum number of open streams.", body = ErrorBody),
    ),
)]
#[get("/support/events")]
pub(crate) async fn list_events(
    staff: Staff<ReadEventFeed>,
    recheck: Recheck,
    query: Query,
    request: HttpRequest,
    streams: web::Data<EventStreams>,
) -> Result<HttpResponse, ApiError> {
    let form = accepted(&request, FORMS).unwrap_or(Form::Parts);
    let mut v = Validation::default();
    let limit = query.whole_number("limit", PART, LARGEST_PART, &mut v);
    let after = cursor(&mut v, &query);
    if form == Form::Stream {
        let last = last_event_id(&mut v, request.headers());
        let after = v.finish(limit.and(after))?;
        let after = EventPosition(last.unwrap_or(after));
        let use_cases = staff.use_cases();
        in_time(async move { require_position(&use_cases.read_history, after).await }).await?;
        let follower = staff.use_cases().follow_events.after(after);
        let is_valid = move || {
            let recheck = recheck.clone();
            async move { recheck.is_valid().await }
        };
        return Ok(stream_response(streams.open(&staff.member().id, follower, is_valid).await?));
    }
    let (limit, after) = v.finish(limit.zip(after))?;
    let (use_cases, after) = (staff.use_cases(), EventPosition(after));
    let part = in_time(async move {
        let part = use_cases.read_history.of_all(after, limit).await?;
        if part.events.is_empty() {
            require_position(&use_cases.read_history, after).await?;
        }
        Ok::<_, ApiError>(part)
    });
    let part = part.await?;
    Ok(HttpResponse::Ok().json(EventsResponse {
        success: true,
        events: part.events.into_iter().map(FeedEventBody::new).collect(),
        pagination: HistoryPagination {
            next_cursor: part.last.0.to_string(),
            has_more: part.has_more,
            limit: limit.get(),
        },
    }))
}

/// Fails if the position is past the last event. This happens after a database has been restored to
/// an earlier state. The client would otherwise wait forever, or miss events.
async fn require_position(history: &ReadHistory, after: EventPosition) -> Result<(), ApiError> {
    if after == EventPosition::default() {
        return Ok(());
    }
    let last = history.end().await?;
    if after > last { Err(ApiError::CursorExpired { last: last.0 }) } else { Ok(()) }
}

fn stream_response(chunks: mpsc::Receiver<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(encoding::MEDIA_TYPE)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx and similar proxies would buffer events otherwise.
        .insert_header(("x-accel-buffering", "no"))
        .body(BodyStream::new(received(chunks).map(Ok::<_, Infallible>)))
}

fn received<T>(mut chunks: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    streams::poll_fn(move |context| chunks.poll_recv(context))
}
