//! Recording how attempts ended.

use std::collections::HashSet;

use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use engage_domain::AttemptOutcome;
use engage_repository::{Attempt, NotificationTransition, RepositoryError};
use serde::Serialize;
use uuid::Uuid;

use crate::db_timestamp::millis;
use crate::sql::Sql;

/// Without an instant at which it is due again, a message is finished.
///
/// What a channel that runs has accepted shows that refusals before it were about their recipients.
///
/// Messages are locked in the order of their ids, so that two who complete the same ones do not
/// wait for each other.
const COMPLETE: &str = "
    WITH ended AS (
        SELECT * FROM json_to_recordset(?::json) AS ended (id uuid, claim bigint, status text,
            uncounted integer, wait bigint, reason text, took bigint, outcome text,
            is_held_back boolean)
    ), ours AS MATERIALIZED (
        SELECT notifications.id FROM notifications JOIN ended USING (id, claim)
        WHERE notifications.status = 'IN_FLIGHT'
        ORDER BY notifications.id
        FOR UPDATE OF notifications
    ), done AS (
        UPDATE notifications
        SET status = ended.status,
            attempts = attempts - ended.uncounted,
            due_at = coalesce(now() + ended.wait * interval '1 millisecond', due_at),
            last_error = coalesce(ended.reason, last_error),
            finished_at = CASE WHEN ended.wait IS NULL THEN now() END,
            held_back_at = CASE WHEN ended.is_held_back THEN coalesce(held_back_at, now()) END
        FROM ended
        WHERE notifications.id = ended.id AND notifications.claim = ended.claim
            AND notifications.status = 'IN_FLIGHT'
            AND notifications.id IN (SELECT id FROM ours)
        RETURNING notifications.id, notifications.claim, notifications.channel,
            notifications.status
    ), forgotten AS (
        DELETE FROM refusals
        WHERE channel IN (SELECT channel FROM done WHERE done.status = 'SENT')
            AND channel IN (SELECT channel FROM channels WHERE stopped_at IS NULL)
    ), kept AS (
        INSERT INTO delivery_attempts (notification_id, claim, started_at, took_ms, outcome, reason)
        SELECT id, claim, now() - took * interval '1 millisecond', took, outcome, reason
        FROM ended JOIN done USING (id, claim)
        WHERE outcome IS NOT NULL
    )
    SELECT id, claim, EXISTS (SELECT FROM refusals WHERE is_of_channel AND NOT is_undone)
    FROM done";

/// An attempt as the statement reads it.
#[derive(Serialize)]
struct NotificationUpdate {
    id: Uuid,
    claim: i64,
    status: &'static str,
    uncounted: i32,
    wait: Option<i64>,
    reason: Option<String>,
    took: i64,
    outcome: Option<&'static str>,
    is_held_back: bool,
}

impl From<Attempt> for NotificationUpdate {
    fn from(attempt: Attempt) -> Self {
        let ending = NotificationTransition::from(attempt.completion);
        Self {
            id: Uuid::from_u128(attempt.id.as_u128()),
            claim: attempt.claim.0,
            status: ending.status.as_str(),
            uncounted: (!ending.counts).into(),
            wait: ending.due_after.map(millis),
            reason: ending.reason,
            took: millis(attempt.took),
            outcome: ending.outcome.map(AttemptOutcome::as_str),
            is_held_back: ending.is_held_back,
        }
    }
}

/// What identifies an attempt.
pub(super) type Key = (Uuid, i64);

pub(super) fn key(attempt: &Attempt) -> Key {
    (Uuid::from_u128(attempt.id.as_u128()), attempt.claim.0)
}

/// A key, and whether there are attempts to undo.
pub(super) type Done = (Uuid, i64, bool);

/// Returns those that were recorded. Of several with one key, the first one counts.
pub(super) fn update(
    attempts: Vec<Attempt>,
) -> Result<Sql<(SqlUuid, BigInt, Bool)>, RepositoryError> {
    let mut seen = HashSet::new();
    let firsts = attempts.into_iter().filter(|attempt| seen.insert(key(attempt)));
    let ended: Vec<_> = firsts.map(NotificationUpdate::from).collect();
    let ended = serde_json::to_string(&ended).map_err(RepositoryError::internal)?;
    Ok(Sql::prepared(COMPLETE, [ended.into()]))
}
