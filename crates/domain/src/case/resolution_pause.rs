//! Pauses of the resolution timer.

use super::facts::CaseFacts;
use super::status::Status;
use crate::sla::SlaPolicy;
use crate::time::Timestamp;

impl Status {
    /// Checks whether the resolution timer is paused in this status.
    pub const fn pauses_resolution(self) -> bool {
        matches!(self, Self::WaitingOnCustomer | Self::OnHold | Self::Resolved)
    }
}

/// Ends the current pause, if the status pauses the resolution timer. The due time moves by the
/// working time of the pause.
pub(super) fn end_pause(case: &mut CaseFacts, sla: &SlaPolicy, now: Timestamp) {
    if !case.status.pauses_resolution() {
        return;
    }
    let calendar = sla.calendar(case.customer.customer_type);
    let pause = calendar.elapsed(case.status_since, now);
    case.paused = case.paused.saturating_add(pause);
    case.estimated_resolution = calendar.add(case.estimated_resolution, pause);
}
