//! How a case is classified: by urgency, by kind of customer, by kind of issue.

use crate::wire::wire_enum;

wire_enum! {
    /// How much it hurts. Ordered from least to most urgent.
    pub enum Urgency {
        /// An inconvenience.
        Low = "LOW",
        /// Work is slowed down; the default.
        Medium = "MEDIUM",
        /// Work is blocked for some.
        High = "HIGH",
        /// Work is blocked for everybody.
        Critical = "CRITICAL",
    }
}

impl Urgency {
    /// One step up; the highest stays.
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
    /// What kind of contract the customer has. Ordered from the least to the most demanding one.
    pub enum CustomerType {
        /// No contract; the default.
        Free = "FREE",
        /// A paying business.
        Business = "BUSINESS",
        /// A contract with the tightest service targets.
        Enterprise = "ENTERPRISE",
    }
}

wire_enum! {
    /// What kind of help is wanted.
    pub enum IssueType {
        /// Something does not work.
        Technical = "TECHNICAL",
        /// Something about money.
        Billing = "BILLING",
        /// Anything else; the default.
        General = "GENERAL",
    }
}
