//! Records of finished attempts.

use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_sql::{DbTimestamp, NotificationUpdate};

use super::refusals;
use crate::clock::now;
use crate::schema::delivery_attempts;
use crate::sql::Sql;

/// A notification without a time at which it is due again is finished.
const COMPLETE: &str = "
    UPDATE notifications
    SET status = ?, attempts = attempts - ?, due_at = coalesce(?, due_at),
        last_error = coalesce(?, last_error), finished_at = ?,
        held_back_at = CASE WHEN ? THEN coalesce(held_back_at, ?) END
    WHERE id = ? AND claim = ? AND status = 'IN_FLIGHT'";

/// Records how attempts ended. Returns for each whether its claim was still valid.
///
/// A notification that a running channel accepts shows that the refusals before it were about their
/// recipients.
pub(super) fn record(
    connection: &mut SqliteConnection,
    attempts: &[NotificationUpdate],
) -> QueryResult<Vec<bool>> {
    let mut recorded = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        recorded.push(record_one(connection, attempt)?);
    }
    let accepted: Vec<_> = attempts
        .iter()
        .zip(&recorded)
        .filter(|(attempt, is_recorded)| **is_recorded && attempt.status == "SENT")
        .map(|(attempt, _)| attempt.id)
        .collect();
    refusals::follow_up(connection, &accepted)?;
    Ok(recorded)
}

/// Records how an attempt ended. Returns whether its claim was still valid.
fn record_one(
    connection: &mut SqliteConnection,
    attempt: &NotificationUpdate,
) -> QueryResult<bool> {
    let now = now();
    let update: Sql<()> = Sql::prepared(
        COMPLETE,
        [
            attempt.status.into(),
            attempt.uncounted.into(),
            attempt.wait.map(|wait| now.saturating_add(wait)).into(),
            attempt.reason.clone().into(),
            attempt.wait.is_none().then_some(now).into(),
            i64::from(attempt.is_held_back).into(),
            now.into(),
            attempt.id.into(),
            attempt.claim.into(),
        ],
    );
    let is_recorded = update.execute(connection)? == 1;
    if let (true, Some(outcome)) = (is_recorded, attempt.outcome) {
        let started_at = DbTimestamp(Timestamp::from_millis(now.saturating_sub(attempt.took)));
        diesel::insert_into(delivery_attempts::table)
            .values((
                delivery_attempts::notification_id.eq(attempt.id),
                delivery_attempts::claim.eq(attempt.claim),
                delivery_attempts::started_at.eq(started_at),
                delivery_attempts::took_ms.eq(attempt.took),
                delivery_attempts::outcome.eq(outcome),
                delivery_attempts::reason.eq(attempt.reason.as_deref()),
            ))
            .execute(connection)?;
    }
    Ok(is_recorded)
}
