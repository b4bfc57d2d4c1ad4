//! Files: stored first, taken by an update then, read ever after.

mod measure;
mod meter;
pub(crate) mod metrics;
mod space;
mod space_floor;
mod store;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Attachment, AttachmentId, CaseNumber, StaffId};
use engage_repository::{AttachmentStore, Content, RepositoryError, UploadRepository};
use thiserror::Error;

use crate::changed::ChangeOutcome;
use crate::environment::{Clock, IdGenerator};
use crate::error::CaseError;

pub use metrics::{FileRefusal, count_refused_files};
pub use space_floor::SpaceFloor;
pub use store::{NewFile, StoreFileError};

/// How large a file may be, in bytes: 10 MiB.
pub const LARGEST_FILE: u64 = 10 * 1024 * 1024;

/// How large the files of one request may be together, in bytes: 25 MiB.
pub const LARGEST_REQUEST: u64 = 25 * 1024 * 1024;

/// How many files one request may bring.
pub const MOST_FILES: usize = 10;

/// What files are kept with.
#[derive(Clone)]
pub struct Attachments {
    /// Where their contents are.
    pub contents: Arc<dyn AttachmentStore>,
    /// What is known of them.
    pub uploads: Arc<dyn UploadRepository>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids.
    pub ids: Arc<dyn IdGenerator>,
    /// How long an upload that no update takes is kept.
    pub lifetime: Duration,
    /// How much room has to stay free.
    pub floor: SpaceFloor,
}

/// Why uploads were not taken.
#[derive(Debug, Error)]
pub enum TakeUploadsError {
    /// There is no such upload of this staff member, or an update has it, or it is too old.
    #[error("there is no upload {0} to take")]
    NotFound(AttachmentId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A file that was found, to be sent to somebody.
pub struct Download {
    /// What is known of it.
    pub file: Attachment,
    /// Its bytes.
    pub content: Content,
}

impl Attachments {
    /// The uploads of a staff member that an update may have, in the order of their ids here.
    ///
    /// One that is nearly due to be swept is not taken any more, so that the commit of the update
    /// and the clocks of several servers have time.
    pub async fn take(
        &self,
        ids: &[AttachmentId],
        by: &StaffId,
    ) -> Result<Vec<Attachment>, TakeUploadsError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let since = self.clock.now().minus(self.lifetime / 24 * 23);
        let found = self.uploads.find_uploads(ids, by, since).await?;
        ids.iter()
            .map(|id| {
                let file = found.iter().find(|file| file.id == *id);
                file.cloned().ok_or(TakeUploadsError::NotFound(*id))
            })
            .collect()
    }

    /// A file, for staff; nothing where there is none.
    pub async fn open(&self, id: AttachmentId) -> Result<Option<Download>, RepositoryError> {
        let found = self.uploads.find_attachment(id).await?;
        self.with_content(found).await
    }

    /// A file of a public update of a case, for its customer; nothing where there is none.
    pub async fn open_public(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
    ) -> Result<Option<Download>, RepositoryError> {
        let found = self.uploads.find_public_attachment(number, id).await?;
        self.with_content(found).await
    }

    async fn with_content(
        &self,
        found: Option<Attachment>,
    ) -> Result<Option<Download>, RepositoryError> {
        let Some(file) = found else { return Ok(None) };
        let content = self.contents.get(file.id).await?;
        if content.is_none() {
            tracing::error!(id = %file.id, "the content of a file is gone");
        }
        Ok(content.map(|content| Download { file, content }))
    }

    /// Discards the files that were stored for a request if it was refused or repeated. If it is not certain
    /// whether the change was committed, they are left to the sweeper.
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

    /// Takes back files that were stored for a change that will not come to be.
    ///
    /// What fails here is left to the sweeper.
    pub async fn discard(&self, files: &[Attachment]) {
        for file in files {
            self.remove(file.id).await;
        }
    }

    /// Deletes the contents of files that no update has any more.
    ///
    /// What fails here is left to the sweeper.
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
            tracing::warn!(%error, %id, "an upload is left to be swept");
        }
    }
}
