//! Actors that change cases.

use crate::staff::{StaffId, StaffRef};

/// Author of a change to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum Actor {
    /// The customer of the case, or somebody acting for them.
    Customer,
    /// A member of staff.
    Staff(StaffRef),
    /// The system, which applied a rule automatically.
    System,
}

impl Actor {
    /// Returns the id of the staff member, or `None` for other actors.
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Customer | Self::System => None,
        }
    }
}
