//! The people who work on cases.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::PersonName;
use crate::actor::StaffRef;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::text::Line;
use crate::time::Timestamp;
use crate::wire::wire_enum;

/// A department that cases are assigned to: one line, 1–100 characters.
pub type Department = Line<100>;

wire_enum! {
    /// What a staff member may do. Each role may do all that the ones before it may.
    pub enum Role {
        /// Works on cases.
        Agent = "AGENT",
        /// Also sends failed notifications again.
        Supervisor = "SUPERVISOR",
        /// Also manages staff, tokens and webhooks, and erases personal data.
        Admin = "ADMIN",
    }
}

/// Names a staff member: 1–64 of `a-z`, `0-9`, `_` and `-`, such as `staff-456`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffId(String);

/// A text that names no staff member because of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be 1 to 64 of the characters a-z, 0-9, _ and -")]
pub struct StaffIdError;

impl StaffId {
    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StaffId {
    type Err = StaffIdError;

    fn from_str(text: &str) -> Result<Self, StaffIdError> {
        let text = text.trim();
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        fits.then(|| Self(text.to_owned())).ok_or(StaffIdError)
    }
}

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::serde_as_text!(StaffId);

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StaffMember {
    /// Names the member everywhere.
    pub id: StaffId,
    /// What colleagues call them.
    pub name: PersonName,
    /// Where notifications go; no two members share one.
    pub email: EmailAddress,
    /// What they may do.
    pub role: Role,
    /// Where they work, if anywhere in particular.
    pub department: Option<Department>,
    /// Where urgent text messages go.
    pub phone: Option<PhoneNumber>,
    /// When they joined.
    pub created_at: Timestamp,
    /// When they left; from then on nothing can be assigned to them and their tokens are void.
    pub deactivated_at: Option<Timestamp>,
}

impl StaffMember {
    /// Whether the member still works here.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// The member's id and name.
    pub fn to_ref(&self) -> StaffRef {
        StaffRef { id: self.id.clone(), name: self.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_ids_are_short_lower_case_names() {
        for text in ["staff-456", "a", "jane_smith", &"x".repeat(64)] {
            assert_eq!(text.parse::<StaffId>().unwrap().as_str(), text);
        }
        for text in ["", "Jane", "jane smith", "jane@x", "j\u{e4}ne", &"x".repeat(65)] {
            assert_eq!(text.parse::<StaffId>(), Err(StaffIdError), "{text}");
        }
    }

    #[test]
    fn roles_are_ordered_by_what_they_may_do() {
        assert!(Role::Agent < Role::Supervisor && Role::Supervisor < Role::Admin);
    }
}
