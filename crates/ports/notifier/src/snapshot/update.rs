//! An update in a snapshot, with its attachments.

use engage_domain::attachment::{ContentHash, ContentType, FileName};
use engage_domain::{
    Attachment, AttachmentId, Message, PersonId, PersonName, Source, Timestamp, Update, UpdateId,
    Visibility,
};
use serde::{Deserialize, Serialize};

use super::actor::ActorSnapshot;

/// An update in the conversation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", from = "WrittenUpdate")]
pub struct UpdateSnapshot {
    /// Id of the update.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: UpdateId,
    /// Time at which it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// Text of the update.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// True if the update is visible to staff only.
    pub is_internal: bool,
    /// Author of the update.
    pub author: ActorSnapshot,
    /// Person of the case who wrote the update. Null for staff and for generated updates.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub person_id: Option<PersonId>,
    /// Way in which the update came in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "STAFF"))]
    pub source: Source,
    /// Files attached to the update.
    pub attachments: Vec<AttachmentSnapshot>,
}

impl UpdateSnapshot {
    /// Converts an update. `customer` is the name of the customer of the case.
    pub fn new(update: &Update, customer: &PersonName) -> Self {
        Self {
            id: update.id,
            timestamp: update.timestamp,
            message: update.message.clone(),
            is_internal: update.visibility == Visibility::Internal,
            author: ActorSnapshot::new(&update.author, customer),
            person_id: update.person_id,
            source: update.source,
            attachments: update.attachments.iter().map(AttachmentSnapshot::from).collect(),
        }
    }
}

/// An update as it was written, by this program or an earlier one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenUpdate {
    id: UpdateId,
    timestamp: Timestamp,
    message: Message,
    is_internal: bool,
    author: ActorSnapshot,
    /// Absent in snapshots of earlier programs.
    person_id: Option<PersonId>,
    /// Absent in snapshots of earlier programs.
    source: Option<Source>,
    attachments: Vec<AttachmentSnapshot>,
}

impl From<WrittenUpdate> for UpdateSnapshot {
    fn from(written: WrittenUpdate) -> Self {
        let source = written.source.unwrap_or_else(|| written.author.usual_source());
        Self {
            id: written.id,
            timestamp: written.timestamp,
            message: written.message,
            is_internal: written.is_internal,
            author: written.author,
            person_id: written.person_id,
            source,
            attachments: written.attachments,
        }
    }
}

/// A file attached to an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttachmentSnapshot {
    /// Id of the file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AttachmentId,
    /// File name for saving it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filename: FileName,
    /// Media type declared by the uploader.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub content_type: ContentType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content in hexadecimal.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: ContentHash,
}

impl From<&Attachment> for AttachmentSnapshot {
    fn from(attachment: &Attachment) -> Self {
        let Attachment { id, filename, content_type, size, hash } = attachment.clone();
        Self { id, filename, content_type, size, hash }
    }
}
