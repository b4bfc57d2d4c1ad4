//! The connections that are open.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::Connection;
use super::connector::Connector;
use super::failure::{Cause, Failure};
use super::step::Step;

/// How many connections there are at most: what mail servers let one client have without a word.
pub(crate) const CONNECTIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// For how long a connection is kept for the next message. RFC 5321, section 4.5.3.2.7, has
/// servers wait for 5 minutes; many do for one or two.
const IDLE: Duration = Duration::from_mins(1);

/// How long it may take until a connection is ready for a message, the login included.
const CONNECTING: Duration = Duration::from_mins(1);

/// How long a message may take from then on.
const SENDING: Duration = Duration::from_mins(2);

/// A message, and between whom.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) message: &'a [u8],
}

/// Sends messages over connections that it keeps.
///
/// A delivery that is given up takes its connection with it: nothing is begun on one whose state is
/// not known.
pub(crate) struct Pool {
    connector: Connector,
    places: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Those that were in use last are at the end, and are used first.
    connections: Vec<(Instant, Connection)>,
    /// Whether a task waits to close them.
    is_watched: bool,
}

impl Pool {
    pub(crate) fn new(connector: Connector) -> Arc<Self> {
        let (places, idle) = (Semaphore::new(CONNECTIONS.get() as usize), Mutex::default());
        Arc::new(Self { connector, places, idle })
    }

    /// Sends a message; done when the server has accepted it.
    pub(crate) async fn send(self: &Arc<Self>, envelope: Envelope<'_>) -> Result<(), Failure> {
        // The semaphore is never closed.
        let Ok(Ok(_place)) = timeout(Step::Place.limit(), self.places.acquire()).await else {
            return Err(Failure::new(Step::Place, Cause::TimedOut));
        };
        loop {
            let connected = timeout(CONNECTING, self.connection()).await;
            let too_long = |step, limit| Failure::new(step, Cause::TookLonger(limit));
            let (connection, is_kept) =
                connected.unwrap_or_else(|_| Err(too_long(Step::Connect, CONNECTING)))?;
            // The time of the message begins here: a slow connection takes nothing of it away.
            let sent = timeout(SENDING, self.send_over(connection, envelope)).await;
            match sent.unwrap_or_else(|_| Err(too_long(Step::End, SENDING))) {
                // Nothing of the message was sent: another connection may do it.
                Err(failure) if is_kept && failure.is_stale() => {}
                ended => return ended,
            }
        }
    }

    /// One that was kept, or a new one; and whether it was kept.
    async fn connection(&self) -> Result<(Connection, bool), Failure> {
        while let Some(mut connection) = self.take() {
            // One over which the server says anything else is not worth a message.
            if connection.reset().await.is_ok() {
                return Ok((connection, true));
            }
        }
        Ok((self.connector.connect().await?, false))
    }

    async fn send_over(
        self: &Arc<Self>,
        mut connection: Connection,
        Envelope { from, to, message }: Envelope<'_>,
    ) -> Result<(), Failure> {
        let sent = match connection.begin(from).await {
            Ok(()) => connection.finish(to, message).await,
            Err(failure) => Err(failure),
        };
        if sent.as_ref().err().is_none_or(Failure::leaves_connection) {
            self.keep(connection);
        }
        sent
    }

    /// Closes the connections that nothing is sent over.
    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut self.idle().connections);
        let quits: JoinSet<()> =
            idle.into_iter().map(|(_, connection)| connection.quit()).collect();
        quits.join_all().await;
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that was not idle for too long.
    fn take(&self) -> Option<Connection> {
        let (since, connection) = self.idle().connections.pop()?;
        // The others are older: the task that closes them is about to.
        (since.elapsed() < IDLE).then_some(connection)
    }

    fn keep(self: &Arc<Self>, connection: Connection) {
        let mut idle = self.idle();
        idle.connections.push((Instant::now(), connection));
        if !idle.is_watched {
            idle.is_watched = true;
            tokio::spawn(close_idle(Arc::downgrade(self)));
        }
    }

    /// Those that were idle for too long, and when to look again, unless there are none left.
    fn expired(&self) -> (Vec<Connection>, Option<Instant>) {
        let mut idle = self.idle();
        let count = idle.connections.partition_point(|(since, _)| since.elapsed() >= IDLE);
        let expired = idle.connections.drain(..count).map(|(_, connection)| connection).collect();
        let next = idle.connections.first().map(|(since, _)| *since + IDLE);
        idle.is_watched = next.is_some();
        (expired, next)
    }
}

/// Closes connections that nothing is sent over, as long as there are any.
async fn close_idle(pool: Weak<Pool>) {
    let mut next = Some(Instant::now());
    while let Some(moment) = next {
        sleep_until(moment).await;
        let Some((expired, then)) = pool.upgrade().map(|pool| pool.expired()) else { return };
        for connection in expired {
            connection.quit().await;
        }
        next = then;
    }
}
