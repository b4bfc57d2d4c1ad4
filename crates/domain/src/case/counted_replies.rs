use crate::time::Timestamp;

/// Replies of a customer to a case in the most recent period that had any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CountedReplies {
    /// Time of the first reply in the period.
    pub since: Timestamp,
    /// Number of replies in the period.
    pub count: u32,
}
