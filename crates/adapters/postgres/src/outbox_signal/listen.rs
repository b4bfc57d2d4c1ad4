use std::pin::pin;
use std::time::{Duration, Instant};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use engage_outbound::DnsResolver;
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::{LISTEN, NOTIFY};
use crate::connect::{Connector, UrlError};
use crate::read_write_check::takes_writes;

/// Pause before the first attempt to reconnect.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// Maximum pause between attempts to reconnect.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Time within which a test signal has to arrive.
const ECHO: Duration = Duration::from_secs(2);

/// Time without a signal after which the connection is checked.
const SILENCE: Duration = Duration::from_secs(30);

/// Timeout of that check.
const PATIENCE: Duration = Duration::from_secs(4);

/// Receives the signals of all processes, on a separate connection.
///
/// ```no_run
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
///
/// use engage_postgres::{DnsResolver, OutboxListener};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = "postgres://engage@db.example.com/engage";
/// let listener = OutboxListener::new(url, &DnsResolver::system())?;
/// let heard = AtomicU32::new(0);
/// let listening = listener.run(|| {
///     heard.fetch_add(1, Ordering::SeqCst); // A program wakes its dispatcher here.
/// });
/// let _ = tokio::time::timeout(Duration::from_secs(10), listening).await;
/// assert!(heard.into_inner() > 0);
/// # Ok(())
/// # }
/// ```
pub struct OutboxListener(Connector);

impl OutboxListener {
    /// Creates a listener for a URL, which must lead to one session of PostgreSQL. Through PgBouncer in
    /// transaction mode no signal arrives. The hosts of the URL are resolved by the resolver.
    pub fn new(url: &str, resolver: &DnsResolver) -> Result<Self, UrlError> {
        Connector::from_url(url, resolver).map(Self)
    }

    /// Calls `notify` whenever notifications may be pending: on every signal, and whenever listening
    /// starts or resumes. Runs until it is dropped.
    pub async fn run(self, notify: impl Fn() + Send + Sync) {
        let mut state = State::default();
        loop {
            let since = Instant::now();
            let reason = match self.listen().await {
                Ok(mut connection) => {
                    state.note_heard();
                    notify();
                    self.hear(&mut connection, &notify).await
                }
                Err(reason) => reason,
            };
            state.note_lost(&reason);
            sleep(state.pause(since.elapsed())).await;
        }
    }

    /// Opens a connection on which signals arrive.
    async fn listen(&self) -> Result<AsyncPgConnection, String> {
        let mut listening = self.0.connect().await.map_err(|error| error.to_string())?;
        let mut announcing = self.0.connect().await.map_err(|error| error.to_string())?;
        let echo = async {
            listening.batch_execute(LISTEN).await.map_err(|error| error.to_string())?;
            announcing.batch_execute(NOTIFY).await.map_err(|error| error.to_string())?;
            heard(&mut listening).await
        };
        match timeout(ECHO, echo).await {
            Ok(Ok(())) => Ok(listening),
            Ok(Err(reason)) => Err(reason),
            Err(_) => {
                Err("signals do not arrive: if PgBouncer is in between in transaction mode, \
                     set database.listen_url to the server itself"
                    .to_owned())
            }
        }
    }

    /// Calls `notify` on every signal until the connection is lost. Returns the reason.
    async fn hear(&self, connection: &mut AsyncPgConnection, notify: &impl Fn()) -> String {
        loop {
            match timeout(SILENCE, heard(connection)).await {
                Ok(Ok(())) => notify(),
                Ok(Err(reason)) => return reason,
                Err(_) => {
                    if let Err(reason) = self.still_there(connection).await {
                        return reason;
                    }
                }
            }
        }
    }

    async fn still_there(&self, connection: &mut AsyncPgConnection) -> Result<(), String> {
        match timeout(PATIENCE, takes_writes(connection)).await {
            Ok(Ok(false)) if self.0.needs_writes() => {
                Err("the server no longer accepts writes".to_owned())
            }
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the server does not respond".to_owned()),
        }
    }
}

/// Waits for a signal.
async fn heard(connection: &mut AsyncPgConnection) -> Result<(), String> {
    match pin!(connection.notifications_stream()).next().await {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the connection was closed".to_owned()),
    }
}

/// Number of failures in a row, and a flag for a loss that has been logged.
#[derive(Default)]
struct State {
    is_lost: bool,
    failures: u32,
}

impl State {
    fn note_heard(&mut self) {
        if self.is_lost {
            info!("PostgreSQL signals new notifications again");
        }
        self.is_lost = false;
    }

    /// Logs the reason once, however many attempts follow.
    fn note_lost(&mut self, reason: &str) {
        if !self.is_lost {
            warn!(
                reason,
                "PostgreSQL does not signal new notifications of other servers; they are found by \
                 polling every second"
            );
        }
        self.is_lost = true;
    }

    /// Returns the next pause, which grows until listening has worked for a while. It is random, so that
    /// servers that lost the same PostgreSQL do not reconnect together.
    fn pause(&mut self, lasted: Duration) -> Duration {
        if lasted > LONGEST_PAUSE {
            self.failures = 0;
        }
        let pause = SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        pause.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_half_a_minute_and_start_over_once_listening_has_worked() {
        let mut state = State::default();
        let first = state.pause(Duration::ZERO);
        assert!(first >= SHORTEST_PAUSE / 2 && first <= SHORTEST_PAUSE, "{first:?}");
        for _ in 0..100 {
            assert!(state.pause(Duration::ZERO) <= LONGEST_PAUSE);
        }
        assert!(state.pause(Duration::ZERO) >= LONGEST_PAUSE / 2);
        assert!(state.pause(LONGEST_PAUSE * 2) <= SHORTEST_PAUSE);
    }
}
