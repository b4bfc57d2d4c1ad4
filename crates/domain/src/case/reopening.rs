//! Reopening and automatic closing of resolved cases.

use std::time::Duration;

use super::facts::CaseFacts;
use super::status::Status;
use crate::time::Timestamp;

/// Reopen window and automatic closing of resolved cases.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// use std::time::Duration;
///
/// use engage_domain::case::LifecyclePolicy;
///
/// const DAY: Duration = Duration::from_secs(24 * 3600);
/// let lifecycle = LifecyclePolicy { reopen_window: 2 * DAY, ..LifecyclePolicy::default() };
/// let policies = Policies { lifecycle, ..policies };
///
/// let stamp = by(Actor::System, "2025-01-27T12:00:00Z");
/// let resolved = opened.case.update(UpdateRequest::status(Status::Resolved), &policies, stamp)?;
/// let resolved = resolved.ok_or("nothing to do")?.case;
/// let reply = ReplyRequest::message("It still says 403.".parse()?);
/// let [soon, late] = ["2025-01-28T12:00:00Z", "2025-01-30T12:00:00Z"]
///     .map(|at| resolved.reply(reply.clone(), &policies, by(Actor::Customer, at)));
/// assert_eq!(soon?.case.status(), Status::InProgress);
/// assert!(late.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
