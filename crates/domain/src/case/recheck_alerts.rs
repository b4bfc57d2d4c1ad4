//! Alerts of a case whose due times have moved.

use super::facts::CaseFacts;
use crate::sla::{SlaPolicy, SlaTimer, SlaTimerKind};
use crate::time::Timestamp;

impl CaseFacts {
    /// Clears the alerts that no longer hold after due times have moved. They are raised again when they
    /// do.
    pub(super) fn recheck_alerts(&mut self, sla: &SlaPolicy, now: Timestamp) {
        let [first_response, resolution] = [SlaTimerKind::FirstResponse, SlaTimerKind::Resolution]
            .map(|clock| SlaTimer::new(clock, self, sla).reached(now));
        if self.awaits_first_response() {
            self.first_response_alert = self.first_response_alert.min(first_response);
        }
        self.resolution_alert = self.resolution_alert.min(resolution);
    }
}
