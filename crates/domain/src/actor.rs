//! Who did something.

use crate::staff::{StaffId, StaffRef};

/// Who changed a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum Actor {
    /// The customer whose case it is, or somebody who acts for them.
    Customer,
    /// A member of staff.
    Staff(StaffRef),
    /// The desk itself, by a rule.
    System,
}

impl Actor {
    /// The staff member's id, where a staff member it is.
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Customer | Self::System => None,
        }
    }
}
