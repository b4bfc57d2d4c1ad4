//! Records of finished attempts.

use diesel::prelude::*;
use engage_domain::{AttemptOutcome, NotificationId, Timestamp};
use engage_repository::{Attempt, NotificationTransition, RepositoryError};
use engage_sql::{DbId, DbTimestamp, millis, repository_error};

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

/// An attempt as the statements write it.
pub(super) struct NotificationUpdate {
    id: DbId<NotificationId>,
    claim: i64,
    status: &'static str,
    uncounted: i64,
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
            id: attempt.id.into(),
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

/// Records how attempts ended. Returns for each whether its claim was still valid.
///
/// A notification that a running channel accepts shows that the refusals before it were about their
/// recipients.
pub(super) fn record(
    connection: &mut SqliteConnection,
    attempts: &[NotificationUpdate],
) -> Result<Vec<bool>, RepositoryError> {
    let mut recorded = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        recorded.push(attempt.record(connection)?);
    }
    let accepted: Vec<_> = attempts
        .iter()
        .zip(&recorded)
        .filter(|(attempt, is_recorded)| **is_recorded && attempt.status == "SENT")
        .map(|(attempt, _)| attempt.id)
        .collect();
    refusals::follow_up(connection, &accepted).map_err(repository_error)?;
    Ok(recorded)
}

impl NotificationUpdate {
    /// Records how the attempt ended. Returns whether its claim was still valid.
    fn record(&self, connection: &mut SqliteConnection) -> Result<bool, RepositoryError> {
        let now = now();
        let update: Sql<()> = Sql::prepared(
            COMPLETE,
            [
                self.status.into(),
                self.uncounted.into(),
                self.wait.map(|wait| now.saturating_add(wait)).into(),
                self.reason.clone().into(),
                self.wait.is_none().then_some(now).into(),
                i64::from(self.is_held_back).into(),
                now.into(),
                self.id.into(),
                self.claim.into(),
            ],
        );
        let is_recorded = update.execute(connection).map_err(repository_error)? == 1;
        if let (true, Some(outcome)) = (is_recorded, self.outcome) {
            let started_at = DbTimestamp(Timestamp::from_millis(now.saturating_sub(self.took)));
            diesel::insert_into(delivery_attempts::table)
                .values((
                    delivery_attempts::notification_id.eq(self.id),
                    delivery_attempts::claim.eq(self.claim),
                    delivery_attempts::started_at.eq(started_at),
                    delivery_attempts::took_ms.eq(self.took),
                    delivery_attempts::outcome.eq(outcome),
                    delivery_attempts::reason.eq(self.reason.as_deref()),
                ))
                .execute(connection)
                .map_err(repository_error)?;
        }
        Ok(is_recorded)
    }
}
