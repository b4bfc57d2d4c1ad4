//! Actors that change cases.

use thiserror::Error;

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

/// Error returned when somebody else than those who may make a change is its actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WrongActor {
    /// The customer may not make the change.
    #[error("only staff may make this change")]
    NotStaff,
    /// Only the customer may make the change.
    #[error("only the customer may make this change")]
    NotCustomer,
}

impl Actor {
    /// Rejects the customer. The system may do what staff may do.
    pub(crate) fn require_staff(&self) -> Result<(), WrongActor> {
        if *self == Self::Customer { Err(WrongActor::NotStaff) } else { Ok(()) }
    }

    /// Rejects everyone but the customer.
    pub(crate) fn require_customer(&self) -> Result<(), WrongActor> {
        if *self == Self::Customer { Ok(()) } else { Err(WrongActor::NotCustomer) }
    }

    /// Returns the id of the staff member, or `None` for other actors.
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Customer | Self::System => None,
        }
    }
}
