//! Reopening and automatic closing of resolved cases.

use std::time::Duration;

use super::facts::CaseFacts;
use super::status::Status;
use crate::time::Timestamp;

/// Reopen window and automatic closing of resolved cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct LifecyclePolicy {
    /// Time after the resolution during which a customer's reply reopens the case. 7 days by
    /// default.
    #[cfg_attr(feature = "serde", serde(rename = "reopenWindowSeconds", with = "crate::seconds"))]
    pub reopen_window: Duration,
    /// Time after the resolution at which the case closes, but not before the end of the reopen
    /// window. 7 days by default.
    #[cfg_attr(feature = "serde", serde(rename = "closeAfterSeconds", with = "crate::seconds"))]
    pub close_after: Duration,
}

impl Default for LifecyclePolicy {
    fn default() -> Self {
        const SEVEN_DAYS: Duration = Duration::from_secs(7 * 24 * 3600);
        Self { reopen_window: SEVEN_DAYS, close_after: SEVEN_DAYS }
    }
}

impl LifecyclePolicy {
    /// Checks whether the case accepts a customer's reply at this time.
    pub(crate) fn takes_reply(&self, case: &CaseFacts, now: Timestamp) -> bool {
        match case.status {
            Status::Open | Status::InProgress | Status::OnHold | Status::WaitingOnCustomer => true,
            Status::Resolved => now.since(case.status_since) <= self.reopen_window,
            Status::Closed | Status::Cancelled => false,
        }
    }

    /// Returns the last moment at which the case stays resolved, never before the end of the reopen
    /// window. Returns `None` if the case is not resolved.
    pub(crate) fn stays_resolved_until(&self, case: &CaseFacts) -> Option<Timestamp> {
        let after = self.close_after.max(self.reopen_window);
        (case.status == Status::Resolved).then(|| case.status_since.plus(after))
    }
}
