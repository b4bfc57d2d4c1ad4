use crate::time::Timestamp;

/// The customer's replies to a case in the last period that had any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CountedReplies {
    /// When the first of them came.
    pub since: Timestamp,
    /// How many came.
    pub count: u32,
}
