//! The conversation of a case.

use crate::Message;
use crate::actor::Actor;
use crate::attachment::Attachment;
use crate::id::UpdateId;
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
