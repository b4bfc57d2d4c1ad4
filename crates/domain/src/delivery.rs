//! Delivery status of notifications.

use crate::wire::wire_enum;

wire_enum! {
    /// Delivery status of a notification.
    pub enum NotificationStatus {
        /// Waiting until it is due.
        Pending = "PENDING",
        /// Being delivered.
        InFlight = "IN_FLIGHT",
        /// Accepted by the receiving side.
        Sent = "SENT",
        /// Reported as delivered by the receiving side.
        Delivered = "DELIVERED",
        /// Given up: a dead letter.
        Dead = "DEAD",
        /// No longer to be sent.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// Outcome of one attempt to deliver a notification.
    pub enum AttemptOutcome {
        /// The receiving side accepted the notification.
        Sent = "SENT",
        /// The attempt failed and will be retried.
        Failed = "FAILED",
        /// The channel as a whole accepted no notifications.
        Deferred = "DEFERRED",
        /// The attempt failed and the notification was given up.
        Dead = "DEAD",
        /// The notification was no longer to be sent.
        Cancelled = "CANCELLED",
    }
}
