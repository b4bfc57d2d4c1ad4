//! Classification of a case by urgency, customer type and issue type.

use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Urgency of a case, ordered from least to most urgent.
    pub enum Urgency {
        /// An inconvenience.
        Low = "LOW",
        /// Work is slowed down. The default.
        #[default]
        Medium = "MEDIUM",
        /// Work is blocked for some people.
        High = "HIGH",
        /// Work is blocked for everyone.
        Critical = "CRITICAL",
    }
}

impl Urgency {
    /// Returns the next higher urgency. The highest stays the same.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }
}

wire_enum! {
    #[derive(Default)]
    /// Type of contract a customer has, ordered from the least to the most demanding.
    pub enum CustomerType {
        /// No contract. The default.
        #[default]
        Free = "FREE",
        /// A paying business.
        Business = "BUSINESS",
        /// A contract with the tightest service targets.
        Enterprise = "ENTERPRISE",
    }
}

wire_enum! {
    #[derive(Default)]
    /// Kind of help a customer needs.
    pub enum IssueType {
        /// Something does not work.
        Technical = "TECHNICAL",
        /// A question about billing.
        Billing = "BILLING",
        /// Anything else. The default.
        #[default]
        General = "GENERAL",
    }
}
