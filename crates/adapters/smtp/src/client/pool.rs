//! Pool of open connections.

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

/// Maximum number of connections. Mail servers allow a client this many without complaint.
pub(crate) const CONNECTIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// Lifetime of an idle connection. RFC 5321, section 4.5.3.2.7, requires servers to wait for 5
/// minutes, but many wait for only one or two.
const IDLE: Duration = Duration::from_mins(1);

/// Time limit until a connection is ready for a message, including the login.
const CONNECTING: Duration = Duration::from_mins(1);

/// Time limit of a message once the connection is ready.
const SENDING: Duration = Duration::from_mins(2);

/// A message with its sender and recipient.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) message: &'a [u8],
}

/// Sends messages over reusable connections.
///
/// A cancelled delivery closes its connection, since a connection in an unknown state is never
/// reused.
pub(crate) struct Pool {
    connector: Connector,
    places: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Sorted by last use. The most recently used one is at the end and is reused first.
    connections: Vec<(Instant, Connection)>,
    /// True if a task is waiting to close idle connections.
    is_watched: bool,
}

impl Pool {
    pub(crate) fn new(connector: Connector) -> Arc<Self> {
        let (places, idle) = (Semaphore::new(CONNECTIONS.get() as usize), Mutex::default());
        Arc::new(Self { connector, places, idle })
    }

    /// Sends a message and returns when the server has accepted it.
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
            // The message's own time limit starts here, so a slow connection does not reduce it.
            let sent = timeout(SENDING, self.send_over(connection, envelope)).await;
            match sent.unwrap_or_else(|_| Err(too_long(Step::End, SENDING))) {
                // Nothing of the message was sent, so another connection may succeed.
                Err(failure) if is_kept && failure.is_stale() => {}
                ended => return ended,
            }
        }
    }

    /// Connects and authenticates as before a message, and ends the connection.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        let connected = timeout(CONNECTING, self.connector.connect()).await;
        let too_long = || Failure::new(Step::Connect, Cause::TookLonger(CONNECTING));
        connected.unwrap_or_else(|_| Err(too_long()))?.quit().await;
        Ok(())
    }

    /// Returns a connection, and true if it is a reused one.
    async fn connection(&self) -> Result<(Connection, bool), Failure> {
        while let Some(mut connection) = self.take() {
            // A connection that gives any other reply is dropped.
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

    /// Closes all idle connections.
    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut self.idle().connections);
        let quits: JoinSet<()> =
            idle.into_iter().map(|(_, connection)| connection.quit()).collect();
        quits.join_all().await;
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an idle connection that has not expired.
    fn take(&self) -> Option<Connection> {
        let (since, connection) = self.idle().connections.pop()?;
        // The others are older and about to be closed by the task.
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

    /// Removes the expired connections, and returns the time of the next check if any others
    /// remain.
    fn expired(&self) -> (Vec<Connection>, Option<Instant>) {
        let mut idle = self.idle();
        let count = idle.connections.partition_point(|(since, _)| since.elapsed() >= IDLE);
        let expired = idle.connections.drain(..count).map(|(_, connection)| connection).collect();
        let next = idle.connections.first().map(|(since, _)| *since + IDLE);
        idle.is_watched = next.is_some();
        (expired, next)
    }
}

/// Closes idle connections when they expire, until none are left.
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
