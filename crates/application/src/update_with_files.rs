use engage_domain::{Attachment, AttachmentId, CaseNumber, StaffRef, UpdateError, UpdateRequest};
use engage_repository::{RepositoryError, UniqueConstraint};
use thiserror::Error;

use crate::attachments::{Attachments, TakeUploadsError};
use crate::{CaseError, ChangeOptions, Changed, UpdateCaseByStaff};

/// A file that an update is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateFile {
    /// One that was stored for it.
    Stored(Attachment),
    /// One that was uploaded before.
    Upload(AttachmentId),
}

/// Why an update with files was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpdateFilesError {
    /// The rules refuse the update.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// There is no such upload of this staff member, or an update has it, or it is too old.
    #[error("there is no upload {0} to take")]
    UploadNotFound(AttachmentId),
    /// Another update took an upload meanwhile.
    #[error("another update took an upload")]
    UploadTaken,
}

/// A staff member writes to a case and adds files.
#[derive(Clone)]
pub struct UpdateWithFiles {
    update: UpdateCaseByStaff,
    attachments: Attachments,
}

impl UpdateWithFiles {
    /// Updates cases, with uploads among others.
    pub fn new(update: UpdateCaseByStaff, attachments: Attachments) -> Self {
        Self { update, attachments }
    }

    /// Adds a message, changes the status, or both; the files belong to the message, in their order.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: UpdateRequest,
        files: &[UpdateFile],
        by: StaffRef,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<UpdateFilesError>> {
        let attachments = self.gather(files, &by).await?;
        let request = UpdateRequest { attachments, ..request };
        let updated = self.update.execute(number, request, by, options).await;
        updated.map_err(|error| match error {
            CaseError::Repository(RepositoryError::Duplicate {
                constraint: UniqueConstraint::Attachment,
            }) => CaseError::Refused(UpdateFilesError::UploadTaken),
            error => error.map_refusal(UpdateFilesError::Update),
        })
    }

    async fn gather(
        &self,
        files: &[UpdateFile],
        by: &StaffRef,
    ) -> Result<Vec<Attachment>, CaseError<UpdateFilesError>> {
        let named = files.iter().filter_map(|file| match file {
            UpdateFile::Upload(id) => Some(*id),
            UpdateFile::Stored(_) => None,
        });
        let named: Vec<_> = named.collect();
        let taken = self.attachments.take(&named, &by.id).await.map_err(|error| match error {
            TakeUploadsError::NotFound(id) => {
                CaseError::Refused(UpdateFilesError::UploadNotFound(id))
            }
            TakeUploadsError::Repository(error) => error.into(),
        })?;
        let mut taken = taken.into_iter();
        let in_order = files.iter().filter_map(|file| match file {
            UpdateFile::Stored(file) => Some(file.clone()),
            UpdateFile::Upload(_) => taken.next(),
        });
        Ok(in_order.collect())
    }
}
