//! Recording how attempts ended.

use diesel::prelude::*;
use engage_domain::AttemptOutcome;
use engage_repository::{Attempt, NotificationTransition, RepositoryError};

use super::refusals;
use crate::case_rows::id_bytes;
use crate::clock::{millis, now};
use crate::error::repository_error;
use crate::schema::delivery_attempts;
use crate::sql::Sql;

/// Without an instant at which it is due again, a message is finished.
const COMPLETE: &str = "
    UPDATE notifications
    SET status = ?, attempts = attempts - ?, due_at = coalesce(?, due_at),
        last_error = coalesce(?, last_error), finished_at = ?,
        held_back_at = CASE WHEN ? THEN coalesce(held_back_at, ?) END
    WHERE id = ? AND claim = ? AND status = 'IN_FLIGHT'";

/// An attempt as the statements write it.
pub(super) struct NotificationUpdate {
    id: Vec<u8>,
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
            id: id_bytes(attempt.id.as_u128()),
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

/// Records how attempts ended, and returns for each whether its claim held until then.
///
/// What a channel that runs has accepted shows that refusals before it were about their recipients.
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
        .map(|(attempt, _)| &attempt.id)
        .collect();
    refusals::follow_up(connection, &accepted).map_err(repository_error)?;
    Ok(recorded)
}

impl NotificationUpdate {
    /// Records the end of the attempt, and returns whether its claim held until then.
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
                self.id.clone().into(),
                self.claim.into(),
            ],
        );
        let is_recorded = update.execute(connection).map_err(repository_error)? == 1;
        if let (true, Some(outcome)) = (is_recorded, self.outcome) {
            diesel::insert_into(delivery_attempts::table)
                .values((
                    delivery_attempts::notification_id.eq(&self.id),
                    delivery_attempts::claim.eq(self.claim),
                    delivery_attempts::started_at.eq(now.saturating_sub(self.took)),
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
