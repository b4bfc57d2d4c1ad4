use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use engage_domain::attachment::{ContentHash, ContentType, FileName};
use engage_domain::{Attachment, AttachmentId, CaseNumber, StaffId, Timestamp};
use futures_core::Stream;

use crate::{ParticipantView, RepositoryError};

/// Content of a file as a stream of chunks. Nothing follows an error, and the file is then
/// incomplete.
pub type Content = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Disk space of an attachment store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free space in bytes.
    pub free: u64,
    /// Total space in bytes.
    pub total: u64,
}

/// Storage for the contents of files, separate from their metadata.
///
/// ```
/// use bytes::Bytes;
/// use engage_attachments::AttachmentContents;
/// use engage_domain::AttachmentId;
/// use engage_repository::AttachmentStore;
/// use futures_util::{TryStreamExt, stream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (files, id) = (AttachmentContents::in_memory(), AttachmentId::from_u128(7));
/// let chunks = [Bytes::from("It says "), Bytes::from("403.")].map(Ok);
/// files.put(id, Box::pin(stream::iter(chunks))).await?;
///
/// let content = files.get(id).await?.expect("a content is stored");
/// let bytes: Vec<Bytes> = content.try_collect().await?;
/// assert_eq!(bytes.concat(), b"It says 403.");
/// files.delete(id).await?;
/// assert!(files.get(id).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// Stores a content durably.
    ///
    /// MUST fail and store nothing if the content ends with an error. MUST NOT hold more of it in
    /// memory than a few chunks of 5 MiB. MUST replace any content stored under the id.
    async fn put(&self, id: AttachmentId, content: Content) -> Result<(), RepositoryError>;

    /// Reads a content. MUST return `None` if none is stored under the id.
    async fn get(&self, id: AttachmentId) -> Result<Option<Content>, RepositoryError>;

    /// Deletes a content. MUST succeed if none is stored under the id.
    async fn delete(&self, id: AttachmentId) -> Result<(), RepositoryError>;

    /// Returns the disk space, or `None` if the store has no fixed size, such as a bucket. MUST be
    /// cheap enough to be called for every file.
    async fn space(&self) -> Result<Option<Space>, RepositoryError>;
}

/// A file that is about to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Id of the file, during the upload and once it belongs to an update.
    pub id: AttachmentId,
    /// Staff member who uploads it. `None` if a customer does.
    pub uploaded_by: Option<StaffId>,
    /// File name suggested for saving it.
    pub filename: FileName,
    /// Media type declared by the uploader.
    pub content_type: ContentType,
    /// Start of the upload.
    pub created_at: Timestamp,
}

/// An upload that is too old to be attached to an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiredUpload {
    /// Id of the file.
    pub id: AttachmentId,
    /// True if it was attached to an update in time, in which case its content is retained.
    pub is_taken: bool,
}

/// A measured batch of attached files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredFiles {
    /// Greatest id in the batch.
    pub last: AttachmentId,
    /// Total size in bytes.
    pub bytes: u64,
}

/// Metadata of uploads until they are attached to updates, and lookup of attached files.
///
/// An upload is registered before its content is stored, so that no content is ever stored without
/// a record of it.
///
/// ```
/// use engage_domain::AttachmentId;
/// use engage_domain::attachment::ContentHash;
/// use engage_repository::{Upload, UploadRepository};
/// use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::monday;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// # let (filename, content_type) = ("error.log".parse()?, "text/plain".parse()?);
/// let id = AttachmentId::from_u128(7);
/// let upload = Upload { id, uploaded_by: None, filename, content_type, created_at: monday() };
/// store.add_upload(&upload).await?;
/// // The content is stored in between. A file is found once it is complete.
/// assert_eq!(store.find_attachment(id).await?, None);
/// assert!(store.finish_upload(id, 2_048, ContentHash::from_bytes([0xc5; 32])).await?);
/// let file = store.find_attachment(id).await?.expect("the upload is finished");
/// assert_eq!((file.filename.as_str(), file.size), ("error.log", 2_048));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Registers an upload that is about to start.
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError>;

    /// Marks an upload as finished. MUST return `false` and change nothing if the upload does not
    /// exist.
    async fn finish_upload(
        &self,
        id: AttachmentId,
        size: u64,
        hash: ContentHash,
    ) -> Result<bool, RepositoryError>;

    /// Returns those of the given uploads that are finished, belong to the staff member, are not
    /// attached to an update and began at or after a time, in any order.
    async fn find_uploads(
        &self,
        ids: &[AttachmentId],
        by: &StaffId,
        since: Timestamp,
    ) -> Result<Vec<Attachment>, RepositoryError>;

    /// Finds a file attached to any update, or a finished upload.
    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError>;

    /// Finds a file attached to a public update of a case. MUST return `None` for a file of another
    /// case, for a file of an internal update, and for a file of an update that is not in the view.
    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
        view: Option<ParticipantView>,
    ) -> Result<Option<Attachment>, RepositoryError>;

    /// Lists uploads that began before a time, oldest first.
    async fn list_expired_uploads(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<Vec<ExpiredUpload>, RepositoryError>;

    /// Removes uploads. MUST retain files that are attached to updates.
    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError>;

    /// Measures up to `limit` attached files in the order of their ids, after an id. MUST return
    /// `None` if there are none.
    async fn measure_attachments(
        &self,
        after: AttachmentId,
        limit: NonZeroU32,
    ) -> Result<Option<MeasuredFiles>, RepositoryError>;
}
