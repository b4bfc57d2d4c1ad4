use std::time::Duration;

use crate::wire::wire_enum;

wire_enum! {
    /// Alert to staff about an SLA timer. Each one is raised once per timer.
    pub enum ServiceAlert {
        /// Three quarters of the time have passed.
        Warning = "WARNING",
        /// The due time has passed.
        Breach = "BREACH",
    }
}

impl ServiceAlert {
    /// Returns how much of a target is used when the warning is raised: three quarters.
    pub(super) fn used_at_warning(target: Duration) -> Duration {
        (target / 4).saturating_mul(3)
    }
}
