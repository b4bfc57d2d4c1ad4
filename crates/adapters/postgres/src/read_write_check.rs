//! Connections to a server that takes no writes any more are not used again.
//!
//! A server that is demoted may keep its connections, and would refuse every write on them. Where
//! the URL asks for a server that takes writes, one connection at a time is therefore asked
//! whether its server still does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool::{Hook, HookError};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::time::timeout;

/// How often a connection is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is known of the server that connections lead to.
#[derive(Default)]
pub(crate) struct ReadWriteCheck(Mutex<Times>);

#[derive(Default)]
struct Times {
    asked: Option<Instant>,
    /// Connections that are as old or older may lead to a server that takes no writes.
    demoted: Option<Instant>,
}

impl ReadWriteCheck {
    /// Has a pool throw away the connections that lead to a server that was demoted.
    pub(crate) fn hook() -> Hook<AsyncPgConnection> {
        let demotion = Arc::new(Self::default());
        Hook::async_fn(move |connection, metrics| {
            let (demotion, created) = (Arc::clone(&demotion), metrics.created);
            Box::pin(async move {
                if demotion.may_use(connection, created).await {
                    Ok(())
                } else {
                    Err(HookError::message("the server takes no writes any more"))
                }
            })
        })
    }

    async fn may_use(&self, connection: &mut AsyncPgConnection, created: Instant) -> bool {
        if self.is_after(created) {
            return false;
        }
        if !self.is_to_ask(Instant::now()) {
            return true;
        }
        match timeout(PATIENCE, takes_writes(connection)).await {
            Ok(Ok(true)) => true,
            // Only this connection is broken.
            Ok(Err(_)) => false,
            Ok(Ok(false)) | Err(_) => {
                self.note(Instant::now());
                false
            }
        }
    }

    fn with_times<T>(&self, change: impl FnOnce(&mut Times) -> T) -> T {
        // Every change is a single step, so a panic elsewhere leaves the times whole.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is time to ask; whoever is told so is the one who asks.
    fn is_to_ask(&self, now: Instant) -> bool {
        self.with_times(|times| {
            let is_due = times.asked.is_none_or(|asked| now.duration_since(asked) >= PAUSE);
            if is_due {
                times.asked = Some(now);
            }
            is_due
        })
    }

    fn note(&self, now: Instant) {
        self.with_times(|times| times.demoted = Some(now));
    }

    fn is_after(&self, created: Instant) -> bool {
        self.with_times(|times| times.demoted.is_some_and(|demoted| created <= demoted))
    }
}

/// Whether the server behind a connection takes writes.
pub(crate) async fn takes_writes(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    let setting = sql::<Text>("current_setting('transaction_read_only')");
    let is_read_only: String = diesel::select(setting).get_result(connection).await?;
    Ok(is_read_only == "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_made_before_a_demotion_are_given_up_and_later_ones_are_not() {
        let (demotion, start) = (ReadWriteCheck::default(), Instant::now());
        assert!(!demotion.is_after(start));
        demotion.note(start + PAUSE);
        assert!(demotion.is_after(start));
        assert!(!demotion.is_after(start + PAUSE * 2));
    }

    #[test]
    fn one_asks_and_the_others_need_not_until_some_time_has_passed() {
        let (demotion, start) = (ReadWriteCheck::default(), Instant::now());
        assert!(demotion.is_to_ask(start));
        assert!(!demotion.is_to_ask(start));
        assert!(!demotion.is_to_ask(start + PAUSE / 2));
        assert!(demotion.is_to_ask(start + PAUSE));
    }
}
