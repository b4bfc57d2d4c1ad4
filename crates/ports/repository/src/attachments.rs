use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use engage_domain::{
    Attachment, AttachmentId, CaseNumber, ContentHash, ContentType, FileName, StaffId, Timestamp,
};
use futures_core::Stream;

use crate::RepositoryError;

/// The bytes of a file, piece by piece. After an error nothing follows, and the file is not whole.
pub type Content = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The room of a store of contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// How many bytes can still be written.
    pub free: u64,
    /// How many bytes there are, written or free.
    pub total: u64,
}

/// The contents of files, apart from what is known of them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// Keeps a content, durably.
    ///
    /// MUST fail and keep nothing where the content ends with an error. MUST NOT hold more of it in
    /// memory than a few pieces of 5 MiB. MUST replace what was kept under the id.
    async fn put(&self, id: AttachmentId, content: Content) -> Result<(), RepositoryError>;

    /// Reads a content. MUST return `None` where none is kept under the id.
    async fn get(&self, id: AttachmentId) -> Result<Option<Content>, RepositoryError>;

    /// Deletes a content. MUST succeed where none is kept under the id.
    async fn delete(&self, id: AttachmentId) -> Result<(), RepositoryError>;

    /// Returns the room that there is; `None` if the store has no end of its own, as a bucket has
    /// none. MUST be so cheap that it can be asked for each file.
    async fn space(&self) -> Result<Option<Space>, RepositoryError>;
}

/// A file that is about to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Identifies the file, then and once it belongs to an update.
    pub id: AttachmentId,
    /// The staff member who uploads it; none where it is a customer.
    pub uploaded_by: Option<StaffId>,
    /// The name to offer when it is saved.
    pub filename: FileName,
    /// What it is said to be.
    pub content_type: ContentType,
    /// When its upload began.
    pub created_at: Timestamp,
}

/// An upload that is so old that no update takes it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiredUpload {
    /// Identifies the file.
    pub id: AttachmentId,
    /// Whether an update took it in time, so that its content stays.
    pub is_taken: bool,
}

/// Some of the files that updates have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredFiles {
    /// The greatest of their ids.
    pub last: AttachmentId,
    /// How many bytes they have together.
    pub bytes: u64,
}

/// What is known of uploaded files until updates have them, and where files are found afterwards.
///
/// An upload is written down before its content is stored, so that no content is ever kept that
/// nobody knows of.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Writes down that a file is about to be uploaded.
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError>;

    /// Writes down that the content of an upload is stored. MUST return `false` and change nothing
    /// where there is no such upload.
    async fn finish_upload(
        &self,
        id: AttachmentId,
        size: u64,
        hash: ContentHash,
    ) -> Result<bool, RepositoryError>;

    /// Finds, among these, the finished uploads of a staff member that no update has and that began
    /// at or after a time, in any order.
    async fn find_uploads(
        &self,
        ids: &[AttachmentId],
        by: &StaffId,
        since: Timestamp,
    ) -> Result<Vec<Attachment>, RepositoryError>;

    /// Finds a file of any update, or of a finished upload.
    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError>;

    /// Finds a file of a public update of a case. MUST return `None` for one of another case, and
    /// for one of an internal update.
    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError>;

    /// Lists uploads that began before a time, the oldest first.
    async fn list_expired_uploads(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<Vec<ExpiredUpload>, RepositoryError>;

    /// Forgets uploads. MUST keep the files that updates have.
    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError>;

    /// Measures so many of the files that updates have, in the order of their ids and after an id.
    /// MUST return `None` if there are none.
    async fn measure_attachments(
        &self,
        after: AttachmentId,
        limit: NonZeroU32,
    ) -> Result<Option<MeasuredFiles>, RepositoryError>;
}
