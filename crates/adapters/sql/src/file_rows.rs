//! Files as rows of the tables `attachments` and `uploads`.

use diesel::prelude::*;
use engage_domain::attachment::ContentHash;
use engage_domain::{Attachment, AttachmentId, Update, UpdateId};
use engage_repository::{MeasuredFiles, RepositoryError, Upload};
use serde::Serialize;

use crate::column::{octets, parse};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::hex::bytea;
use crate::schema::{attachments, uploads};

/// A file of an update.
#[derive(Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = attachments)]
pub struct AttachmentRow {
    /// Id of the file.
    pub id: DbId<AttachmentId>,
    /// Id of its update.
    pub update_id: DbId<UpdateId>,
    /// Position among the files of the update.
    pub position: i32,
    filename: String,
    content_type: String,
    size: i64,
    #[serde(serialize_with = "bytea")]
    hash: Vec<u8>,
}

impl AttachmentRow {
    /// Converts the file at a position of an update. Fails if its size exceeds 63 bits.
    pub fn new(
        update: &Update,
        position: i32,
        attachment: &Attachment,
    ) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: attachment.id.into(),
            update_id: update.id.into(),
            position,
            filename: attachment.filename.to_string(),
            content_type: attachment.content_type.to_string(),
            size: attachment.size.try_into().map_err(RepositoryError::internal)?,
            hash: attachment.hash.as_bytes().to_vec(),
        })
    }

    /// Converts the row to an attachment.
    pub fn into_attachment(self) -> Result<Attachment, InvalidColumn> {
        let Self { id, filename, content_type, size, hash, .. } = self;
        FileRow { id, filename, content_type, size, hash }.into_attachment()
    }
}

/// An upload whose content is not stored yet.
#[derive(Insertable)]
#[diesel(table_name = uploads, treat_none_as_default_value = false)]
pub struct UploadRow {
    id: DbId<AttachmentId>,
    uploaded_by: Option<String>,
    filename: String,
    content_type: String,
    created_at: DbTimestamp,
}

impl From<&Upload> for UploadRow {
    fn from(upload: &Upload) -> Self {
        Self {
            id: upload.id.into(),
            uploaded_by: upload.uploaded_by.as_ref().map(ToString::to_string),
            filename: upload.filename.to_string(),
            content_type: upload.content_type.to_string(),
            created_at: DbTimestamp(upload.created_at),
        }
    }
}

type AttachedColumns = (
    attachments::id,
    attachments::filename,
    attachments::content_type,
    attachments::size,
    attachments::hash,
);

/// A file, whichever table it is in. It is selected from `uploads` only once it is complete.
#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub struct FileRow {
    id: DbId<AttachmentId>,
    filename: String,
    content_type: String,
    #[diesel(select_expression = uploads::size.assume_not_null())]
    size: i64,
    #[diesel(select_expression = uploads::hash.assume_not_null())]
    hash: Vec<u8>,
}

impl FileRow {
    /// The columns of a file in `attachments`.
    pub const ATTACHED: AttachedColumns = (
        attachments::id,
        attachments::filename,
        attachments::content_type,
        attachments::size,
        attachments::hash,
    );

    /// Converts the row to an attachment.
    pub fn into_attachment(self) -> Result<Attachment, InvalidColumn> {
        Ok(Attachment {
            id: self.id.get(),
            filename: parse(&self.filename, "filename")?,
            content_type: parse(&self.content_type, "content_type")?,
            size: self.size.try_into().map_err(|_| InvalidColumn { column: "size" })?,
            hash: ContentHash::from_bytes(octets(&self.hash, "hash")?),
        })
    }
}

/// Adds up the sizes of attachments, which are sorted by id.
pub fn measure(
    files: &[(DbId<AttachmentId>, i64)],
) -> Result<Option<MeasuredFiles>, RepositoryError> {
    let Some((last, _)) = files.last() else { return Ok(None) };
    let bytes: i64 = files.iter().map(|(_, size)| size).sum();
    let bytes = bytes.try_into().map_err(RepositoryError::internal)?;
    Ok(Some(MeasuredFiles { last: last.get(), bytes }))
}

/// Converts ids to their columns.
pub fn file_ids(ids: &[AttachmentId]) -> Vec<DbId<AttachmentId>> {
    ids.iter().copied().map(DbId::from).collect()
}
