//! The erasure of a person from all cases.

use crate::wire::wire_enum;

wire_enum! {
    /// State of the erasure of a person.
    pub enum ErasureState {
        /// The first pass is to be made, or under way.
        Running = "RUNNING",
        /// The first pass is complete. A second one erases what came in meanwhile.
        SecondPass = "SECOND_PASS",
        /// Both passes are complete.
        Done = "DONE",
        /// It was given up after repeated failures. It has to be requested again.
        Failed = "FAILED",
    }
}

impl ErasureState {
    /// Checks whether a pass is still to be made.
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::SecondPass)
    }
}

/// Numbers of what an erasure of a person covers.
///
/// ```
/// use engage_domain::ErasureCounts;
///
/// let mut counts = ErasureCounts { cases: 1, ..ErasureCounts::default() };
/// counts.add(ErasureCounts { cases: 1, entries: 3, quotes: 1 });
/// assert_eq!(counts, ErasureCounts { cases: 2, entries: 3, quotes: 1 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ErasureCounts {
    /// Cases of which the person is the customer.
    pub cases: u64,
    /// Entries of the person in the conversations of cases of others.
    pub entries: u64,
    /// Later entries of others that quote those. They are not erased.
    pub quotes: u64,
}

impl ErasureCounts {
    /// Adds other numbers.
    pub fn add(&mut self, more: Self) {
        let Self { cases, entries, quotes } = more;
        self.cases = self.cases.saturating_add(cases);
        self.entries = self.entries.saturating_add(entries);
        self.quotes = self.quotes.saturating_add(quotes);
    }
}
