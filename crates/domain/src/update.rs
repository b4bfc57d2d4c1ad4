//! A case's conversation.

use crate::Message;
use crate::actor::Actor;
use crate::attachment::Attachment;
use crate::id::UpdateId;
use crate::time::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// Who may read something.
    pub enum Visibility {
        /// The customer and staff.
        Public = "PUBLIC",
        /// Staff only.
        Internal = "INTERNAL",
    }
}

/// One entry in a case's conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Update {
    /// Identifies the entry.
    pub id: UpdateId,
    /// When it was written.
    pub timestamp: Timestamp,
    /// Who wrote it.
    pub author: Actor,
    /// Who may read it.
    pub visibility: Visibility,
    /// What it says.
    pub message: Message,
    /// The files that belong to it.
    pub attachments: Vec<Attachment>,
}
