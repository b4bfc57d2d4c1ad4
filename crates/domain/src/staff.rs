//! The people who work on cases.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use thiserror::Error;

use crate::PersonName;
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

/// A staff member's id, with the name they had at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StaffRef {
    /// The staff member's id.
    pub id: StaffId,
    /// The staff member's name.
    pub name: PersonName,
}

/// A text that names no staff member because of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be 1 to 64 of the characters a-z, 0-9, _ and -")]
pub struct StaffIdError;

impl StaffId {
    /// The most characters that an id has.
    const LONGEST: usize = 64;

    /// The words that stand for something else where a member is named. Nobody new gets one as an id.
    pub const RESERVED: &'static [&'static str] = &["me", "unassigned"];

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the id is a word that stands for something else.
    pub fn is_reserved(&self) -> bool {
        Self::RESERVED.contains(&self.as_str())
    }

    /// An id for somebody who was given none: what is before the `@` of their address, with `-` for
    /// all that an id does not take, such as `jane-smith`. From the second place on the place is
    /// added, such as `jane-smith-2`, for where the ones before are taken; to a word that is reserved
    /// always, such as `me-1`.
    pub fn proposed_for(email: &EmailAddress, place: NonZeroU32) -> Self {
        let local_part = email.as_str().split('@').next().unwrap_or_default();
        let words = local_part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let mut id = words.join("-").to_ascii_lowercase();
        if id.is_empty() {
            "staff".clone_into(&mut id);
        }
        let is_reserved = Self::RESERVED.contains(&id.as_str());
        let is_plain = place.get() == 1 && !is_reserved;
        let suffix = if is_plain { String::new() } else { format!("-{place}") };
        // It is ASCII, so that it can be cut anywhere.
        id.truncate(Self::LONGEST - suffix.len());
        Self(id + &suffix)
    }
}

impl FromStr for StaffId {
    type Err = StaffIdError;

    fn from_str(text: &str) -> Result<Self, StaffIdError> {
        let text = text.trim();
        let fits = (1..=Self::LONGEST).contains(&text.len())
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

    /// Whether the member is one of those who can give others access.
    pub fn is_active_admin(&self) -> bool {
        self.is_active() && self.role == Role::Admin
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
    fn an_id_is_proposed_from_the_address_and_told_apart_by_its_place() {
        let long = format!("{}@x.example", "a".repeat(64));
        for (email, place, expected) in [
            ("Jane.Smith@desk.example", 1, "jane-smith".to_owned()),
            ("Jane.Smith@desk.example", 2, "jane-smith-2".to_owned()),
            ("sam_j+support@desk.example", 1, "sam_j-support".to_owned()),
            ("!#$@desk.example", 1, "staff".to_owned()),
            ("me@desk.example", 1, "me-1".to_owned()),
            ("Unassigned@desk.example", 1, "unassigned-1".to_owned()),
            ("+me+@desk.example", 2, "me-2".to_owned()),
            ("me.too@desk.example", 1, "me-too".to_owned()),
            (&long, 1, "a".repeat(64)),
            (&long, 4_294_967_295, format!("{}-4294967295", "a".repeat(53))),
        ] {
            let place = NonZeroU32::new(place).unwrap();
            let id = StaffId::proposed_for(&email.parse().unwrap(), place);
            assert_eq!(id.as_str(), expected);
            assert!(!id.is_reserved());
            assert_eq!(expected.parse(), Ok(id));
        }
    }

    #[test]
    fn roles_are_ordered_by_what_they_may_do() {
        assert!(Role::Agent < Role::Supervisor && Role::Supervisor < Role::Admin);
    }
}
