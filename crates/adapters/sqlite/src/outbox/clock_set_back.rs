//! Handling of a system clock that was set back, which would delay everything that is due.

use std::sync::atomic::{AtomicI64, Ordering};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use engage_repository::RepositoryError;
use tracing::warn;

use crate::clock::now;
use crate::sql::{Sql, execute};
use crate::writer::Writer;

/// Interval at which the time is stored, in milliseconds. After the clock was set back, notifications
/// may wait this much longer.
const WRITTEN_EVERY: i64 = 30_000;

/// Corrections of the clock by up to this many milliseconds are common and are ignored.
const TOLERANCE: i64 = 1_000;

const SEEN: &str = "SELECT (SELECT seen_at FROM clock)";

const SEE: &str = "
    INSERT INTO clock (id, seen_at) VALUES (1, ?)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";

/// Times in the future keep their distance. Times of past actions become the current time, because they
/// would count against limits until then.
const SHIFTS: &[&str] = &[
    "WITH shift AS (SELECT ? AS by, ? AS now)
    UPDATE notifications SET due_at = due_at - (SELECT by FROM shift),
        created_at = min(created_at, (SELECT now FROM shift)),
        expires_at = CASE WHEN expires_at > (SELECT now FROM shift)
            THEN expires_at - (SELECT by FROM shift) ELSE expires_at END
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND due_at > (SELECT now FROM shift)",
    "WITH shift AS (SELECT ? AS by, ? AS now)
    UPDATE notifications SET finished_at = finished_at - (SELECT by FROM shift)
    WHERE finished_at > (SELECT now FROM shift)",
    "WITH shift AS (SELECT ? AS by, ? AS now)
    UPDATE channels SET probe_due_at = probe_due_at - (SELECT by FROM shift)
    WHERE probe_due_at > (SELECT now FROM shift)",
    "WITH shift AS (SELECT ? AS by, ? AS now)
    UPDATE access_codes SET created_at = created_at - (SELECT by FROM shift)
    WHERE created_at > (SELECT now FROM shift)",
    "WITH shift AS (SELECT ? AS by, ? AS now)
    UPDATE access_codes SET counted_since = counted_since - (SELECT by FROM shift)
    WHERE counted_since > (SELECT now FROM shift)",
];

/// The last stored time; zero if there is none.
#[derive(Default)]
pub(crate) struct LastSeen(AtomicI64);

impl LastSeen {
    /// Stores the time at which a file is opened.
    pub(crate) fn at_start(connection: &mut SqliteConnection) -> QueryResult<Self> {
        see(connection).map(|seen| Self(AtomicI64::new(seen)))
    }

    /// Ensures that a clock which was set back delays nothing by more than a minute.
    pub(super) async fn heed(&self, writer: &Writer) -> Result<(), RepositoryError> {
        let seen = self.0.load(Ordering::Relaxed);
        if seen > 0 && (seen - TOLERANCE..seen + WRITTEN_EVERY).contains(&now()) {
            return Ok(());
        }
        let seen = writer.write(|c| Ok(see(c)?)).await?;
        self.0.store(seen, Ordering::Relaxed);
        Ok(())
    }
}

fn see(connection: &mut SqliteConnection) -> QueryResult<i64> {
    let now = now();
    let select: Sql<Nullable<BigInt>> = Sql::prepared(SEEN, []);
    let seen: Option<i64> = select.get_result(connection)?;
    if let Some(by) = seen.map(|seen| seen.saturating_sub(now)).filter(|by| *by > TOLERANCE) {
        warn!(seconds = by / 1000, "the clock was set back: pending times are brought forward");
        for shift in SHIFTS {
            execute(connection, shift, [by.into(), now.into()])?;
        }
    }
    execute(connection, SEE, [now.into()])?;
    Ok(now)
}

const GIVE_BACK: &str = "
    UPDATE notifications SET status = 'PENDING', due_at = ?, claim = claim + 1
    WHERE status = 'IN_FLIGHT'";

/// Makes every claimed notification due at once. The attempts count, because their outcome is unknown.
pub(crate) fn give_back_claims(connection: &mut SqliteConnection) -> QueryResult<()> {
    execute(connection, GIVE_BACK, [now().into()])
}
