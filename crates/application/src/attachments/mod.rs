//! Files. Each is stored as an upload first, then attached to an update, and can be downloaded from
//! then on.

mod expired_uploads;
mod file_limits;
mod measure;
mod meter;
pub(crate) mod metrics;
mod space;
mod space_floor;
mod store;
mod update_file;
mod usable_uploads;

use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Attachment, AttachmentId, CaseNumber};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    AttachmentStore, Content, ParticipantView, RepositoryError, UploadRepository,
};

use crate::changed::ChangeOutcome;
use crate::error::CaseError;

pub use file_limits::{LARGEST_FILE, LARGEST_REQUEST, MOST_FILES};
pub use metrics::{FileRefusal, count_refused_files};
pub use space_floor::SpaceFloor;
pub use store::{NewFile, StoreFileError};
pub use update_file::UpdateFile;
pub use usable_uploads::TakeUploadsError;

/// Stores files and reads them back.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use bytes::Bytes;
/// use engage_application::{Attachments, NewFile};
/// # use engage_application::SpaceFloor;
/// # use engage_attachments::AttachmentContents;
/// use futures_util::stream;
/// # use engage_repository::StaffRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::a_staff_member;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let jane = a_staff_member("staff-123");
/// # store.add_staff(&jane).await?;
/// # let attachments = Attachments {
/// #     contents: Arc::new(AttachmentContents::in_memory()),
/// #     uploads: store,
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SystemIds),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// let (filename, content_type) = ("error.log".parse()?, "text/plain".parse()?);
/// let new = NewFile { filename, content_type, uploaded_by: Some(jane.id.clone()) };
/// let content = stream::iter([Ok(Bytes::from("It says 403."))]);
/// let file = attachments.store(new, Box::pin(content)).await?;
/// assert_eq!(file.size, 12);
///
/// // An update of the same member of staff takes the upload.
/// assert_eq!(attachments.take(&[file.id], &jane.id).await?, [file]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Attachments {
    /// File contents.
    pub contents: Arc<dyn AttachmentStore>,
    /// Metadata of the files.
    pub uploads: Arc<dyn UploadRepository>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of file ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Time after which an upload that was not attached is deleted.
    pub lifetime: Duration,
    /// Free space below which uploads are refused.
    pub floor: SpaceFloor,
}

/// A stored file, ready to be sent to a client.
pub struct Download {
    /// Metadata of the file.
    pub file: Attachment,
    /// The bytes of the file.
    pub content: Content,
}

impl Attachments {
    /// Opens a file for staff. Returns `None` if it does not exist.
    pub async fn open(&self, id: AttachmentId) -> Result<Option<Download>, RepositoryError> {
        let found = self.uploads.find_attachment(id).await?;
        self.with_content(found).await
    }

    /// Opens a file of a public update for the customer of the case, or for a participant with a
    /// view. Returns `None` if the case has no such file, or none that the participant may read.
    pub async fn open_public(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
        view: Option<ParticipantView>,
    ) -> Result<Option<Download>, RepositoryError> {
        let found = self.uploads.find_public_attachment(number, id, view).await?;
        self.with_content(found).await
    }

    async fn with_content(
        &self,
        found: Option<Attachment>,
    ) -> Result<Option<Download>, RepositoryError> {
        let Some(file) = found else { return Ok(None) };
        let content = self.contents.get(file.id).await?;
        if content.is_none() {
            tracing::error!(id = %file.id, "the content of a file is missing");
        }
        Ok(content.map(|content| Download { file, content }))
    }

    /// Discards the files that were stored for a request if it was refused or repeated. If it is
    /// uncertain whether the change was committed, the sweeper deletes them later.
    pub(crate) async fn discard_unused<R: std::error::Error + 'static>(
        &self,
        outcome: &Result<ChangeOutcome, CaseError<R>>,
        stored: &[Attachment],
    ) {
        let is_unused = match outcome {
            Ok(outcome) => matches!(outcome, ChangeOutcome::Replayed(_)),
            Err(error) => !matches!(error, CaseError::Repository(_)),
        };
        if is_unused {
            self.discard(stored).await;
        }
    }

    /// Deletes files that were stored for a change that was not made.
    ///
    /// If a deletion fails, the sweeper repeats it later.
    pub async fn discard(&self, files: &[Attachment]) {
        for file in files {
            self.remove(file.id).await;
        }
    }

    /// Deletes the contents of files that no longer belong to an update.
    ///
    /// If a deletion fails, the sweeper repeats it later.
    pub(crate) async fn delete(&self, ids: &[AttachmentId]) {
        for id in ids {
            self.remove(*id).await;
        }
    }

    async fn remove(&self, id: AttachmentId) {
        let outcome = match self.contents.delete(id).await {
            Ok(()) => self.uploads.remove_uploads(&[id]).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, %id, "failed to delete an upload; the sweeper will retry");
        }
    }
}
