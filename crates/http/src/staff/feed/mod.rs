//! What happened to all cases, as a feed: in parts, or as a stream of events as they happen.

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
use super::access::{Agent, Recheck, Staff};
use super::history::{HistoryPagination, LARGEST_PART, PART, cursor};
use crate::accept::accepted;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

/// What happened to all cases.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventsResponse {
    success: bool,
    /// In the order of their places.
    events: Vec<FeedEventBody>,
    pagination: HistoryPagination,
}

/// As what the feed is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Parts,
    Stream,
}

const FORMS: &[(&str, Form)] =
    &[("application/json", Form::Parts), (encoding::MEDIA_TYPE, Form::Stream)];

/// The place at which a client's stream broke off; nothing where there was none.
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

/// Read or follow what happened to all cases.
///
/// Every event has one place that never changes, the same on every server. Who goes on from the last
/// place they saw misses nothing, however the changes were made at once.
///
/// Who prefers `text/event-stream` in the header `Accept` gets a stream of server-sent events: all
/// after the place that is named, then each within a second of its commit, until one side ends it.
/// `id` is the event's place, to go on after with `Last-Event-ID` or `cursor` at any server; `event`
/// is its type; `data` is the object that `events` of the other form has for it, in one line. A
/// comment comes after 15 seconds without an event. The stream ends without an error when the server
/// stops, when events cannot be read for the moment, when the token is not valid any more (which is
/// seen within 15 seconds), or when the client has taken nothing for a minute: connect again.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "Goes on after this place: the `cursor` of an event, or another answer's `pagination.nextCursor`. Left out: from the oldest on."),
        ("limit" = Option<u32>, Query, description = "How many events, 50 by default; of no effect on a stream.", minimum = 1, maximum = 100),
        ("Last-Event-ID" = Option<String>, Header, description = "On a stream, goes on after the event with this `id`, whatever `cursor` says. Browsers' `EventSource` sends it."),
    ),
    responses(
        (status = 200, description = "What happened.", content(
            (EventsResponse = "application/json"),
            (String = "text/event-stream", example = json!(encoding::EXAMPLE)),
        )),
        (status = 410, description = "`CURSOR_EXPIRED`: no event has the place yet, since what was seen \
            is gone, as after a restored backup. `details.last` is the last place there is: read the \
            cases anew, then go on from there.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`, also if the member has as many streams as they \
            may have.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`, also where the server has as many streams as it \
            can have.", body = ErrorBody),
    ),
)]
#[get("/support/events")]
pub(crate) async fn list_events(
    staff: Staff<Agent>,
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
        let desk = staff.use_cases();
        in_time(async move { require_position(&desk.read_history, after).await }).await?;
        let follower = staff.use_cases().follow_events.after(after);
        let is_valid = move || {
            let recheck = recheck.clone();
            async move { recheck.is_valid().await }
        };
        return Ok(stream_response(streams.open(&staff.member().id, follower, is_valid).await?));
    }
    let (limit, after) = v.finish(limit.zip(after))?;
    let (desk, after) = (staff.use_cases(), EventPosition(after));
    let part = in_time(async move {
        let part = desk.read_history.of_all(after, limit).await?;
        if part.events.is_empty() {
            require_position(&desk.read_history, after).await?;
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

/// Refuses a place that no event has yet: where the events that a client has seen are gone, as when a
/// database was restored, it would wait for ever, or miss those that come until there.
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
        // nginx, and those that take after it, would keep events back until there are many.
        .insert_header(("x-accel-buffering", "no"))
        .body(BodyStream::new(received(chunks).map(Ok::<_, Infallible>)))
}

fn received<T>(mut chunks: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    streams::poll_fn(move |context| chunks.poll_recv(context))
}
