//! The conversation of a case.

use crate::Message;
use crate::actor::Actor;
use crate::attachment::Attachment;
use crate::id::{CaseId, PersonId, UpdateId};
use crate::source::Source;
use crate::time::Timestamp;
use crate::visibility::Visibility;

/// An entry in the conversation of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Update {
    /// Identifier of the entry.
    pub id: UpdateId,
    /// Time of writing.
    pub timestamp: Timestamp,
    /// Author of the entry.
    pub author: Actor,
    /// Person of the case who wrote the entry, or `None` for staff and generated entries. Entries
    /// from before persons were recorded have none either: see [`person`](Self::person).
    #[cfg_attr(feature = "serde", serde(default, rename = "personId"))]
    pub person_id: Option<PersonId>,
    /// Way in which the entry came in.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source: Source,
    /// Audience of the entry.
    pub visibility: Visibility,
    /// Text of the entry.
    pub message: Message,
    /// Attached files.
    #[cfg_attr(feature = "serde", serde(default))]
    pub attachments: Vec<Attachment>,
}

impl Update {
    /// Returns the person who wrote the entry, in a conversation of this case. An entry of a
    /// customer without a recorded person is by the customer of the case.
    pub fn person(&self, case: CaseId) -> Option<PersonId> {
        self.person_id.or_else(|| self.author.person_id(case))
    }
}
