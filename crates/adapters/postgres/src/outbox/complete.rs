//! Records of finished attempts.

use std::collections::HashSet;

use diesel::sql_types::{BigInt, Bool};
use engage_domain::NotificationId;
use engage_repository::{Attempt, RepositoryError};
use engage_sql::{DbId, NotificationUpdate, SqlId};

use crate::sql::Sql;

/// A notification without a time at which it is due again is finished.
///
/// A notification that a running channel accepts shows that the refusals before it were about their
/// recipients.
///
/// Notifications are locked in the order of their ids, so that two completions of the same ones do not
/// deadlock.
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
            AND channel NOT IN (SELECT channel FROM channels WHERE stopped_at IS NOT NULL)
    ), kept AS (
        INSERT INTO delivery_attempts (notification_id, claim, started_at, took_ms, outcome, reason)
        SELECT id, claim, now() - took * interval '1 millisecond', took, outcome, reason
        FROM ended JOIN done USING (id, claim)
        WHERE outcome IS NOT NULL
    )
    SELECT id, claim, EXISTS (SELECT FROM refusals WHERE is_of_channel AND NOT is_undone)
    FROM done";

/// The key of an attempt: notification and claim.
pub(super) type Key = (DbId<NotificationId>, i64);

pub(super) fn key(attempt: &Attempt) -> Key {
    (attempt.id.into(), attempt.claim.0)
}

/// A recorded attempt, and whether there are attempts to undo.
pub(super) type Done = (DbId<NotificationId>, i64, bool);

/// Records attempts, and selects those that were recorded. Of several with one key, the first counts.
pub(super) fn update(
    attempts: Vec<Attempt>,
) -> Result<Sql<(SqlId, BigInt, Bool)>, RepositoryError> {
    let mut seen = HashSet::new();
    let firsts = attempts.into_iter().filter(|attempt| seen.insert(key(attempt)));
    let ended: Vec<_> = firsts.map(NotificationUpdate::from).collect();
    let ended = serde_json::to_string(&ended).map_err(RepositoryError::internal)?;
    Ok(Sql::prepared(COMPLETE, [ended.into()]))
}
