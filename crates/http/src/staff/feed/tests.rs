use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use engage_application::{FollowEvents, ReadHistory};
use engage_domain::{Decision, OpenRequest};
use engage_notifier::Snapshot;
use engage_repository::{EventPosition, FeedEvent, MockEventHistory, RepositoryError};
use engage_testkit::builders::{
    a_case_number, a_change_set, a_new_case, an_opened, monday, opened,
};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep, timeout};

use super::stream::StreamTiming;
use super::*;
use crate::shutdown::Shutdown;

const PACE: StreamTiming = StreamTiming {
    heartbeat: Duration::from_secs(15),
    check: Duration::from_secs(10),
    patience: Duration::from_mins(1),
};

/// A feed with a given number of events, which may be unavailable.
#[derive(Default)]
struct World {
    events: AtomicU64,
    is_away: AtomicBool,
    is_token_void: AtomicBool,
    checks: AtomicUsize,
    /// Number of times that events were read.
    parts: AtomicUsize,
}

fn snapshot(decision: Decision) -> String {
    a_change_set(decision, Vec::new()).snapshot
}

impl World {
    fn with(events: u64) -> Arc<Self> {
        Arc::new(Self { events: events.into(), ..Self::default() })
    }

    fn happen(&self) {
        self.events.fetch_add(1, Ordering::SeqCst);
    }

    fn feed(self: &Arc<Self>) -> FollowEvents {
        let mut history = MockEventHistory::new();
        let world = Arc::clone(self);
        history.expect_list_events().returning(move |after, limit| {
            if world.is_away.load(Ordering::SeqCst) {
                return Err(RepositoryError::unavailable("away"));
            }
            let places = after.0 + 1..=world.events.load(Ordering::SeqCst);
            let event = |place| FeedEvent {
                position: EventPosition(place),
                snapshot: snapshot(an_opened(place)),
            };
            let part: Vec<_> = places.take(limit.get() as usize).map(event).collect();
            world.parts.fetch_add(usize::from(!part.is_empty()), Ordering::SeqCst);
            Ok(part)
        });
        let world = Arc::clone(self);
        history
            .expect_last_position()
            .returning(move || Ok(EventPosition(world.events.load(Ordering::SeqCst))));
        FollowEvents::new(ReadHistory::new(Arc::new(history)))
    }

    async fn open(
        self: &Arc<Self>,
        streams: &EventStreams,
        after: u64,
    ) -> Result<Receiver<Bytes>, ApiError> {
        self.open_for("ann", streams, after).await
    }

    async fn open_for(
        self: &Arc<Self>,
        member: &str,
        streams: &EventStreams,
        after: u64,
    ) -> Result<Receiver<Bytes>, ApiError> {
        let world = Arc::clone(self);
        let is_valid = move || {
            world.checks.fetch_add(1, Ordering::SeqCst);
            let is_valid = !world.is_token_void.load(Ordering::SeqCst);
            async move { Ok(is_valid) }
        };
        streams
            .open(&member.parse().unwrap(), self.feed().after(EventPosition(after)), is_valid)
            .await
    }
}

fn streams() -> (EventStreams, Shutdown) {
    let shutdown = Shutdown::default();
    (EventStreams::with(2, NonZeroU32::MAX, PACE, shutdown.clone()), shutdown)
}

async fn text(chunks: &mut Receiver<Bytes>) -> String {
    let chunk = timeout(Duration::from_mins(5), chunks.recv()).await.expect("something is said");
    String::from_utf8(chunk.expect("a stream that goes on").to_vec()).unwrap()
}

fn ids(text: &str) -> Vec<u64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
}

/// Returns the number of chunks before the end of the stream, and the time until then.
async fn to_the_end(chunks: &mut Receiver<Bytes>) -> (usize, Duration) {
    let since = Instant::now();
    let mut said = 0;
    while timeout(Duration::from_mins(5), chunks.recv()).await.expect("an end").is_some() {
        said += 1;
    }
    (said, since.elapsed())
}

#[test]
fn an_event_is_one_line_despite_line_breaks_in_its_text() {
    let message = "one\r\ntwo\nthree\u{2028}four\n\ndata: x\n\nid: 9";
    let request = OpenRequest { message: message.parse().unwrap(), ..a_new_case() };
    let opening = opened(request, a_case_number(1), monday());
    let snapshot: Snapshot = serde_json::from_str(&snapshot(opening)).unwrap();
    let mut text = Vec::new();
    encoding::write(&[Arc::new((EventPosition(4711), snapshot.clone()))], &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert_eq!((lines[0], lines[1]), ("id: 4711", "event: case.created"));
    assert_eq!((lines[3], lines[4]), ("", ""));
    assert!(!text.contains('\r'), "{text}");
    let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
    let in_a_part = FeedEventBody::new((EventPosition(4711), snapshot));
    assert_eq!(data, serde_json::to_value(in_a_part).unwrap());
}

#[test]
fn a_stream_is_sent_to_clients_that_prefer_it() {
    for (accept, form) in [
        ("text/event-stream", Form::Stream),
        ("Text/Event-Stream; charset=utf-8, */*", Form::Stream),
        ("application/json, text/event-stream", Form::Parts),
        ("*/*", Form::Parts),
    ] {
        let request = TestRequest::default().insert_header((header::ACCEPT, accept));
        let request = request.to_http_request();
        assert_eq!(accepted(&request, FORMS).unwrap_or(Form::Parts), form, "{accept}");
    }
}

#[test]
fn the_last_event_id_is_parsed() {
    for (given, place, is_good) in [
        (None, None, true),
        (Some(""), None, true),
        (Some(" 12 "), Some(12), true),
        (Some("-1"), None, false),
        (Some("x"), None, false),
        (Some("99999999999999999999"), None, false),
    ] {
        let request = TestRequest::default();
        let request = match given {
            Some(given) => request.insert_header(("Last-Event-ID", given)),
            None => request,
        };
        let mut v = Validation::default();
        let last = last_event_id(&mut v, request.to_http_request().headers());
        assert_eq!((last, v.finish(Some(())).is_ok()), (place, is_good), "{given:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_sends_past_events_then_new_ones_and_heartbeats() {
    let (world, (streams, _)) = (World::with(3), streams());
    let mut chunks = world.open(&streams, 1).await.unwrap();
    let begin = text(&mut chunks).await;
    assert!(begin.starts_with("retry: 2000\n\nid: 2\n"), "{begin}");
    assert_eq!(ids(&begin), [2, 3]);
    world.happen();
    assert_eq!(ids(&text(&mut chunks).await), [4]);
    for _ in 0..3 {
        let since = Instant::now();
        assert_eq!(text(&mut chunks).await, ":\n\n");
        assert_eq!(since.elapsed().as_secs(), 15);
    }
    world.happen();
    assert_eq!(ids(&text(&mut chunks).await), [5]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_soon_after_its_token_is_revoked() {
    let (world, (streams, _)) = (World::with(0), streams());
    let mut chunks = world.open(&streams, 0).await.unwrap();
    let valid = timeout(Duration::from_secs(35), to_the_end(&mut chunks)).await;
    assert!(valid.is_err());
    assert_eq!(world.checks.load(Ordering::SeqCst), 3);
    world.is_token_void.store(true, Ordering::SeqCst);
    let (_, took) = to_the_end(&mut chunks).await;
    assert!(took <= Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_stream_is_checked_as_well() {
    let (world, (streams, _)) = (World::with(1_000_000), streams());
    let mut chunks = world.open(&streams, 0).await.unwrap();
    for _ in 0..120 {
        text(&mut chunks).await;
        sleep(Duration::from_millis(250)).await;
    }
    assert!(world.checks.load(Ordering::SeqCst) >= 2);
    world.is_token_void.store(true, Ordering::SeqCst);
    let mut said = 0;
    while chunks.recv().await.is_some() {
        sleep(Duration::from_millis(250)).await;
        said += 1;
    }
    assert!(said <= 42, "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_program() {
    let (world, (streams, shutdown)) = (World::with(0), streams());
    let mut chunks = world.open(&streams, 0).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    shutdown.begin();
    let (_, took) = to_the_end(&mut chunks).await;
    assert_eq!(took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn streams_end_and_do_not_start_if_events_cannot_be_read() {
    let (world, (streams, _)) = (World::with(0), streams());
    let mut chunks = world.open(&streams, 0).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    world.is_away.store(true, Ordering::SeqCst);
    let (_, took) = to_the_end(&mut chunks).await;
    assert!(took <= Duration::from_secs(1), "{took:?}");
    assert!(matches!(world.open(&streams, 0).await, Err(ApiError::Unavailable)));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stops_reading_is_disconnected() {
    let (world, (streams, _)) = (World::with(1_000), streams());
    let mut chunks = world.open(&streams, 0).await.unwrap();
    sleep(Duration::from_secs(55)).await;
    assert_eq!(world.parts.load(Ordering::SeqCst), 2);
    let begin = ids(&text(&mut chunks).await);
    sleep(Duration::from_mins(2)).await;
    assert_eq!(world.parts.load(Ordering::SeqCst), 3);
    // Chunks already handed to the connection are still there.
    let rest = ids(&text(&mut chunks).await);
    assert_eq!(to_the_end(&mut chunks).await, (0, Duration::ZERO));
    assert_eq!(begin.len() + rest.len(), 100);
    let mut again = world.open(&streams, 100).await.unwrap();
    assert_eq!(ids(&text(&mut again).await)[0], 101);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_open_streams_is_limited() {
    let (world, (streams, _)) = (World::with(0), streams());
    let one = world.open(&streams, 0).await.unwrap();
    let _other = world.open(&streams, 0).await.unwrap();
    assert!(matches!(world.open(&streams, 0).await, Err(ApiError::Unavailable)));
    drop(one);
    // The end is noticed immediately.
    sleep(Duration::from_millis(1)).await;
    assert!(world.open(&streams, 0).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_stream_limit_applies_per_member() {
    let (world, two) = (World::with(0), NonZeroU32::new(2).unwrap());
    let streams = EventStreams::with(100, two, PACE, Shutdown::default());
    let one = world.open_for("ann", &streams, 0).await.unwrap();
    let _other = world.open_for("ann", &streams, 0).await.unwrap();
    for _ in 0..3 {
        let refused = world.open_for("ann", &streams, 0).await;
        assert!(matches!(refused, Err(ApiError::RateLimited { .. })));
    }
    let _of_another = world.open_for("ben", &streams, 0).await.unwrap();
    drop(one);
    // The end is noticed immediately.
    sleep(Duration::from_millis(1)).await;
    assert!(world.open_for("ann", &streams, 0).await.is_ok());
}
