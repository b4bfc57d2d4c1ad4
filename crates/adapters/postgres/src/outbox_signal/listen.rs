use std::pin::pin;
use std::time::{Duration, Instant};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::{LISTEN, NOTIFY};
use crate::connect::{Connector, UrlError};
use crate::read_write_check::takes_writes;

/// How long to wait before connecting again, at first and at last.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How soon an announcement has to be heard when it is tried out.
const ECHO: Duration = Duration::from_secs(2);

/// After how long without an announcement the connection is asked whether it still works.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a connection may take to answer that.
const PATIENCE: Duration = Duration::from_secs(4);

/// Hears, on a connection of its own, of messages that were committed by any process.
pub struct OutboxListener(Connector);

impl OutboxListener {
    /// Listens where a URL says, which must lead to one session of PostgreSQL: through PgBouncer
    /// in transaction mode nothing is heard.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Connector::from_url(url).map(Self)
    }

    /// Rings whenever messages may wait: when some are announced, and when listening begins, also
    /// after it was interrupted. Goes on until it is dropped.
    pub async fn run(self, ring: impl Fn() + Send + Sync) {
        let mut state = State::default();
        loop {
            let since = Instant::now();
            let reason = match self.listen().await {
                Ok(mut connection) => {
                    state.note_heard();
                    ring();
                    self.hear(&mut connection, &ring).await
                }
                Err(reason) => reason,
            };
            state.note_lost(&reason);
            sleep(state.pause(since.elapsed())).await;
        }
    }

    /// A connection on which announcements are heard.
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
                Err("announcements do not arrive: is PgBouncer in transaction mode between? \
                           Then set database.listen_url to the server itself"
                    .to_owned())
            }
        }
    }

    /// Rings until the connection is lost; says why it is.
    async fn hear(&self, connection: &mut AsyncPgConnection, ring: &impl Fn()) -> String {
        loop {
            match timeout(SILENCE, heard(connection)).await {
                Ok(Ok(())) => ring(),
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
                Err("the server takes no writes any more".to_owned())
            }
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the server does not answer".to_owned()),
        }
    }
}

/// Waits for an announcement.
async fn heard(connection: &mut AsyncPgConnection) -> Result<(), String> {
    match pin!(connection.notifications_stream()).next().await {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the connection was closed".to_owned()),
    }
}

/// What was said last, and how long to wait next.
#[derive(Default)]
struct State {
    is_lost: bool,
    failures: u32,
}

impl State {
    fn note_heard(&mut self) {
        if self.is_lost {
            info!("new messages are announced by PostgreSQL again");
        }
        self.is_lost = false;
    }

    /// Says once what happened, however often it is tried again.
    fn note_lost(&mut self, reason: &str) {
        if !self.is_lost {
            warn!(
                reason,
                "new messages of other servers are not announced by PostgreSQL; they are found by \
                 looking every second"
            );
        }
        self.is_lost = true;
    }

    /// Longer each time, unless listening worked for a while; spread, so that servers that lost
    /// the same PostgreSQL do not return together.
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
    fn pauses_grow_to_half_a_minute_and_begin_anew_after_a_while_of_listening() {
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
