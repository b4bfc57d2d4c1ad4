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
