//! A check that the server of a connection still accepts writes.
//!
//! A server that is demoted may keep its connections, and would refuse every write on them. If the URL
//! requires a server that accepts writes, one connection at a time is checked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool::{Hook, HookError};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::time::timeout;

/// Interval between checks.
const PAUSE: Duration = Duration::from_secs(1);

/// Timeout of a check.
const PATIENCE: Duration = Duration::from_secs(1);

/// The last check, and the last time at which a server was found demoted.
#[derive(Default)]
pub(crate) struct ReadWriteCheck(Mutex<Times>);

#[derive(Default)]
struct Times {
    asked: Option<Instant>,
    /// Connections that are not newer may lead to a server that accepts no writes.
    demoted: Option<Instant>,
}

impl ReadWriteCheck {
    /// Returns a hook by which a pool drops connections to a server that was demoted.
    pub(crate) fn hook() -> Hook<AsyncPgConnection> {
        let demotion = Arc::new(Self::default());
        Hook::async_fn(move |connection, metrics| {
            let (demotion, created) = (Arc::clone(&demotion), metrics.created);
            Box::pin(async move {
                if demotion.may_use(connection, created).await {
                    Ok(())
                } else {
                    Err(HookError::message("the server no longer accepts writes"))
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
        // Every change is a single step, so a panic elsewhere leaves the times consistent.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns whether a check is due. If so, the caller has to perform it.
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

/// Returns whether the server of a connection accepts writes.
pub(crate) async fn takes_writes(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    let setting = sql::<Text>("current_setting('transaction_read_only')");
    let is_read_only: String = diesel::select(setting).get_result(connection).await?;
    Ok(is_read_only == "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_made_before_a_demotion_are_dropped_and_later_ones_are_not() {
        let (demotion, start) = (ReadWriteCheck::default(), Instant::now());
        assert!(!demotion.is_after(start));
        demotion.note(start + PAUSE);
        assert!(demotion.is_after(start));
        assert!(!demotion.is_after(start + PAUSE * 2));
    }

    #[test]
    fn one_caller_checks_for_all_until_some_time_has_passed() {
        let (demotion, start) = (ReadWriteCheck::default(), Instant::now());
        assert!(demotion.is_to_ask(start));
        assert!(!demotion.is_to_ask(start));
        assert!(!demotion.is_to_ask(start + PAUSE / 2));
        assert!(demotion.is_to_ask(start + PAUSE));
    }
}
