//! How far the delivery of a message has come.

use crate::wire::wire_enum;

wire_enum! {
    /// Where a message stands.
    pub enum NotificationStatus {
        /// It waits for its time.
        Pending = "PENDING",
        /// It is being delivered.
        InFlight = "IN_FLIGHT",
        /// The other side accepted it.
        Sent = "SENT",
        /// The other side said that it arrived.
        Delivered = "DELIVERED",
        /// It was given up.
        Dead = "DEAD",
        /// It is not to be sent any more.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// How one attempt to deliver a message ended.
    pub enum AttemptOutcome {
        /// The other side accepted the message.
        Sent = "SENT",
        /// It failed, to be tried again.
        Failed = "FAILED",
        /// The channel took no message at all.
        Deferred = "DEFERRED",
        /// It failed and was given up.
        Dead = "DEAD",
        /// It was not to be sent.
        Cancelled = "CANCELLED",
    }
}
