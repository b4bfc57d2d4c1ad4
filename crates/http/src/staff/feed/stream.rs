//! One client's stream, from its beginning to its end.

use std::future::Future;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use engage_application::{FollowedEvent, Follower};
use engage_domain::StaffId;
use metrics::{describe_gauge, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, error, info, warn};

use super::encoding;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::shutdown::Shutdown;
use crate::staff::member_limits::{MemberLimits, Slots};

/// How many streams may be open at once, of all members.
const MOST: usize = 256;

const OPEN_STREAMS: &str = "engage_event_streams";

/// When a stream does what it does by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamTiming {
    /// How long it says nothing.
    pub(super) heartbeat: Duration,
    /// How often it makes sure that the token is still valid.
    pub(super) check: Duration,
    /// How long the client may take nothing of what there is.
    pub(super) patience: Duration,
}

const PACE: StreamTiming = StreamTiming {
    heartbeat: Duration::from_secs(15),
    check: Duration::from_secs(10),
    patience: Duration::from_mins(1),
};

/// The streams that are open.
pub(crate) struct EventStreams {
    places: Arc<Semaphore>,
    of_members: Slots,
    pace: StreamTiming,
    shutdown: Shutdown,
}

impl EventStreams {
    /// None yet; all end when the program does.
    pub(crate) fn new(limits: MemberLimits, shutdown: Shutdown) -> Self {
        describe_gauge!(OPEN_STREAMS, "Streams of events that are open.");
        gauge!(OPEN_STREAMS).set(0);
        Self::with(MOST, limits.streams, PACE, shutdown)
    }

    pub(super) fn with(
        most: usize,
        of_member: NonZeroU32,
        pace: StreamTiming,
        shutdown: Shutdown,
    ) -> Self {
        let of_members = Slots::new(of_member);
        Self { places: Arc::new(Semaphore::new(most)), of_members, pace, shutdown }
    }

    /// Opens a stream of a member, and answers what it says, as fast as that is taken. A failure to read the
    /// first events is an error like any other.
    pub(super) async fn open<F>(
        &self,
        member: &StaffId,
        mut follower: Follower,
        is_valid: impl Fn() -> F + Send + 'static,
    ) -> Result<mpsc::Receiver<Bytes>, ApiError>
    where
        F: Future<Output = Result<bool, ApiError>> + Send + 'static,
    {
        let Some(of_member) = self.of_members.take_now(member) else {
            // A stream whose client is gone is noticed when the next thing is said.
            let retry_after_seconds = self.pace.heartbeat.as_secs();
            return Err(ApiError::RateLimited { retry_after_seconds });
        };
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            warn!("there are as many event streams as there may be");
            return Err(ApiError::Unavailable);
        };
        let (follower, events) = in_time(async move {
            let events = follower.ready().await?;
            Ok::<_, ApiError>((follower, events))
        })
        .await?;
        let begin = chunk(encoding::BEGIN, &events)?;
        let (client, chunks) = mpsc::channel(1);
        let (shutdown, pace) = (self.shutdown.clone(), self.pace);
        let held = StreamSlot { _of_all: permit, _of_member: of_member };
        gauge!(OPEN_STREAMS).increment(1);
        let stream = EventStream { follower, is_valid, client, shutdown, pace, _place: held };
        let run = async move {
            let end = stream.run(begin).await;
            info!(?end, "an event stream ended");
        };
        tokio::spawn(run.in_current_span());
        Ok(chunks)
    }
}

/// Why a stream ended.
#[derive(Debug)]
enum End {
    ClientGone,
    ClientStuck,
    TokenVoid,
    EventsUnreadable,
    Shutdown,
}

/// A stream that is open.
struct EventStream<V> {
    follower: Follower,
    is_valid: V,
    client: mpsc::Sender<Bytes>,
    shutdown: Shutdown,
    pace: StreamTiming,
    _place: StreamSlot,
}

/// The place of an open stream among those of all members and of its own.
struct StreamSlot {
    _of_all: OwnedSemaphorePermit,
    _of_member: OwnedSemaphorePermit,
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        gauge!(OPEN_STREAMS).decrement(1);
    }
}

impl<V, F> EventStream<V>
where
    V: Fn() -> F,
    F: Future<Output = Result<bool, ApiError>>,
{
    /// Says what there is to say until the end. New events are not even read before the client has
    /// taken what was said last.
    async fn run(mut self, begin: Bytes) -> End {
        let mut said = Some(begin);
        let mut taken_at = Instant::now();
        let mut check_at = taken_at + self.pace.check;
        loop {
            if Instant::now() >= check_at {
                match (self.is_valid)().await {
                    Ok(true) => check_at = Instant::now() + self.pace.check,
                    Ok(false) => return End::TokenVoid,
                    Err(_) => return End::EventsUnreadable,
                }
            }
            let is_taken = said.is_none();
            tokio::select! {
                biased;
                () = self.shutdown.begun() => return End::Shutdown,
                () = sleep_until(check_at) => {}
                place = self.client.reserve(), if !is_taken => {
                    let Ok(place) = place else { return End::ClientGone };
                    taken_at = Instant::now();
                    if let Some(chunk) = said.take() {
                        place.send(chunk);
                    }
                }
                () = sleep_until(taken_at + self.pace.patience), if !is_taken => {
                    return End::ClientStuck;
                }
                () = self.client.closed(), if is_taken => return End::ClientGone,
                events = self.follower.next(), if is_taken => {
                    let events = events.map_err(ApiError::from);
                    match events.and_then(|events| chunk(Bytes::new(), &events)) {
                        Ok(chunk) => said = Some(chunk),
                        Err(_) => return End::EventsUnreadable,
                    }
                }
                () = sleep_until(taken_at + self.pace.heartbeat), if is_taken => {
                    said = Some(encoding::HEARTBEAT);
                }
            }
        }
    }
}

/// Events after what is said before them.
fn chunk(before: Bytes, events: &[FollowedEvent]) -> Result<Bytes, ApiError> {
    let mut text = Vec::from(before);
    encoding::write(events, &mut text).map_err(|error| {
        error!(%error, "an event cannot be written");
        ApiError::Internal
    })?;
    Ok(text.into())
}
