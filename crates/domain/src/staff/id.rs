//! Identifiers of staff members.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use thiserror::Error;

use crate::contact::EmailAddress;
use crate::text::PersonName;

/// Identifier of a staff member: 1–64 of `a-z`, `0-9`, `_` and `-`, such as `staff-456`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffId(String);

/// Id of a staff member, with the name they had at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StaffRef {
    /// Id of the staff member.
    pub id: StaffId,
    /// Name of the staff member.
    pub name: PersonName,
}

/// Error returned when a text does not have the form of a staff id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be 1 to 64 of the characters a-z, 0-9, _ and -")]
pub struct StaffIdError;

impl StaffId {
    /// Maximum number of characters in an id.
    const LONGEST: usize = 64;

    /// Words with a special meaning when a member is named. No new member gets one as an id.
    pub const RESERVED: &'static [&'static str] = &["me", "unassigned"];

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks whether the id is one of the reserved words.
    pub fn is_reserved(&self) -> bool {
        Self::RESERVED.contains(&self.as_str())
    }

    /// Proposes an id for a member who was given none.
    ///
    /// The proposal is the local part of the e-mail address, with `-` for everything an id does not
    /// allow, such as `jane-smith`. If earlier proposals are in use, call it again with the next
    /// `place`. From 2 on, the place is appended, as in `jane-smith-2`. A reserved word always gets
    /// its place, as in `me-1`.
    pub fn proposed_for(email: &EmailAddress, place: NonZeroU32) -> Self {
        Self::proposed_from(email.as_str().split('@').next().unwrap_or_default(), place)
    }

    /// Proposes an id for a machine that was given none, like [`proposed_for`](Self::proposed_for)
    /// but from its name: `Mail gateway` becomes `mail-gateway`.
    pub fn proposed_for_service(name: &PersonName, place: NonZeroU32) -> Self {
        Self::proposed_from(name.as_str(), place)
    }

    fn proposed_from(text: &str, place: NonZeroU32) -> Self {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let mut id = words.join("-").to_ascii_lowercase();
        if id.is_empty() {
            "staff".clone_into(&mut id);
        }
        let is_reserved = Self::RESERVED.contains(&id.as_str());
        let is_plain = place.get() == 1 && !is_reserved;
        let suffix = if is_plain { String::new() } else { format!("-{place}") };
        // The id is ASCII, so it can be truncated at any byte.
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

crate::wire::try_from_text!(StaffId);
crate::wire::serde_as_text!(StaffId);
