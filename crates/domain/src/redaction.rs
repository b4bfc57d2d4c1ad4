//! Redactions of parts of a case, and the mark that they leave.

use crate::actor::Actor;
use crate::id::{AttachmentId, UpdateId};
use crate::time::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// Text of a case that can be redacted.
    pub enum RedactableField {
        /// Message that the case begins with.
        Message = "message",
        /// Subject of the case.
        Subject = "subject",
    }
}

/// Part of a case that is redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum RedactedPart {
    /// Text of an entry in the conversation. Its files stay.
    UpdateId(UpdateId),
    /// File of an entry in the conversation.
    AttachmentId(AttachmentId),
    /// Text of the case itself.
    Field(RedactableField),
}

/// Entry of a conversation that repeats a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Quote {
    /// Id of the entry.
    pub update_id: UpdateId,
    /// Time at which the entry was written.
    pub at: Timestamp,
}

/// A redaction: what was redacted, and the later entries that quote it. They are not redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Redaction {
    /// The redacted part.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub part: RedactedPart,
    /// Later entries that quote it.
    pub quotes: Vec<Quote>,
}

/// Text that a redaction leaves: who redacted, and when, in UTC.
///
/// ```
/// use engage_domain::event::RedactionMark;
/// use engage_domain::{Actor, StaffRef};
///
/// let jane = Actor::Staff(StaffRef { id: "jane".parse()?, name: "Jane Smith".parse()? });
/// let mark = RedactionMark::new(&jane, "2025-01-27T10:00:00Z".parse()?);
/// assert_eq!(mark.as_str(), "Redacted by Jane Smith at 2025-01-27T10:00:00.000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactionMark(String);

impl RedactionMark {
    /// Maximum length of a mark, in characters. A longer name is cut.
    pub const LONGEST: usize = 200;

    /// Returns the mark of a redaction.
    pub fn new(by: &Actor, at: Timestamp) -> Self {
        let name = match by {
            Actor::Staff(staff) => staff.name.as_str(),
            Actor::Service(by) => by.author().name.as_str(),
            Actor::System => "the system",
            Actor::Customer | Actor::Participant(_) => "the customer",
        };
        let without_name = format!("Redacted by  at {at}").chars().count();
        let name: String = name.chars().take(Self::LONGEST - without_name).collect();
        Self(format!("Redacted by {} at {at}", name.trim_end()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::StaffRef;

    #[test]
    fn the_mark_of_a_long_name_has_room_in_a_subject() {
        let name = "\u{e9}".repeat(200).parse().unwrap();
        let by = Actor::Staff(StaffRef { id: "jane".parse().unwrap(), name });
        let mark = RedactionMark::new(&by, "2025-01-27T10:00:00Z".parse().unwrap());
        assert_eq!(mark.as_str().chars().count(), RedactionMark::LONGEST);
        assert_eq!(mark.as_str().parse(), Ok(crate::Subject::redacted(&mark)));
    }
}
