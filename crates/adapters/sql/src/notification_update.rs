//! Finished attempts as the stores record them.

use engage_domain::NotificationId;
use engage_domain::notify::AttemptOutcome;
use engage_repository::{Attempt, NotificationTransition};
use serde::Serialize;

use crate::column::millis;
use crate::db_id::DbId;

/// Changes of a notification by a finished attempt. Times are in milliseconds.
#[derive(Serialize)]
pub struct NotificationUpdate {
    /// Id of the notification.
    pub id: DbId<NotificationId>,
    /// Claim under which the attempt was made.
    pub claim: i64,
    /// New status.
    pub status: &'static str,
    /// 1 if the attempt does not count, otherwise 0.
    pub uncounted: i32,
    /// Time until the notification is due again, unless it is finished.
    pub wait: Option<i64>,
    /// Reason of a failure.
    pub reason: Option<String>,
    /// Duration of the attempt.
    pub took: i64,
    /// Outcome of the attempt, unless it is not recorded.
    pub outcome: Option<&'static str>,
    /// True if the notification is held back from now on.
    pub is_held_back: bool,
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
