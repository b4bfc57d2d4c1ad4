//! The stream of one client.

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

/// Maximum number of open streams on this server.
const MOST: usize = 256;

const OPEN_STREAMS: &str = "engage_event_streams";

/// Timing of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamTiming {
    /// Interval between comments on an idle stream.
    pub(super) heartbeat: Duration,
    /// Interval between checks of the token.
    pub(super) check: Duration,
    /// Time after which a client that reads nothing is disconnected.
    pub(super) patience: Duration,
}

const PACE: StreamTiming = StreamTiming {
    heartbeat: Duration::from_secs(15),
    check: Duration::from_secs(10),
    patience: Duration::from_mins(1),
};

/// The open streams.
pub(crate) struct EventStreams {
    places: Arc<Semaphore>,
    of_members: Slots,
    pace: StreamTiming,
    shutdown: Shutdown,
}

impl EventStreams {
    /// Starts without streams. All streams end when the program shuts down.
    pub(crate) fn new(limits: MemberLimits, shutdown: Shutdown) -> Self {
        describe_gauge!(OPEN_STREAMS, "Open event streams.");
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

    /// Opens a stream for a member and returns its chunks, which are produced as fast as the client
    /// reads. Fails like any other request if the first events cannot be read.
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
            // The end of a stream is noticed at the next write, at the latest.
            let retry_after_seconds = self.pace.heartbeat.as_secs();
            return Err(ApiError::RateLimited { retry_after_seconds });
        };
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            warn!("the limit on event streams is reached");
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

/// Reason for the end of a stream.
#[derive(Debug)]
enum End {
    ClientGone,
    ClientStuck,
    TokenVoid,
    EventsUnreadable,
    Shutdown,
}

/// An open stream.
struct EventStream<V> {
    follower: Follower,
    is_valid: V,
    client: mpsc::Sender<Bytes>,
    shutdown: Shutdown,
    pace: StreamTiming,
    _place: StreamSlot,
}

/// The permits of an open stream: one on the server and one of the member.
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
    /// Sends events until the end. New events are not read before the client has accepted the last
    /// chunk.
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

/// Appends events to a prefix.
fn chunk(before: Bytes, events: &[FollowedEvent]) -> Result<Bytes, ApiError> {
    let mut text = Vec::from(before);
    encoding::write(events, &mut text).map_err(|error| {
        error!(%error, "an event cannot be written");
        ApiError::Internal
    })?;
    Ok(text.into())
}
