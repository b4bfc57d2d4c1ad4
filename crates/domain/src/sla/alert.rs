use crate::wire::wire_enum;

wire_enum! {
    /// What staff are told of a timer, each once.
    pub enum ServiceAlert {
        /// Three quarters of the time are used up.
        Warning = "WARNING",
        /// The time is over.
        Breach = "BREACH",
    }
}
