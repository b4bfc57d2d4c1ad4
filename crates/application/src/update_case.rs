use std::sync::Arc;

use engage_domain::case::UpdateError;
use engage_domain::{Attachment, AttachmentId, StaffId, UpdateRequest};
use engage_repository::{RepositoryError, UniqueConstraint};
use thiserror::Error;

use crate::attachments::{Attachments, TakeUploadsError};
use crate::case_changes::Prepared;
use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateFile {
    /// A file that was stored for this update.
    Stored(Attachment),
    /// A file that the member of staff uploaded earlier.
    Upload(AttachmentId),
}

/// Error returned when an update is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpdateCaseError {
    /// The rules refuse the update.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// The member of staff has no such upload, it has expired, or an update already has it.
    #[error("upload {0} was not found, has expired, or is already attached")]
    UploadNotFound(AttachmentId),
    /// A concurrent update took one of the uploads.
    #[error("a concurrent update took one of the uploads")]
    UploadTaken,
}

/// Adds a message from staff to a case, changes its status, or both.
#[derive(Clone)]
pub struct UpdateCase {
    changes: Arc<CaseChanges>,
    attachments: Attachments,
}

impl UpdateCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, attachments: Attachments) -> Self {
        Self { changes, attachments }
    }

    /// Updates a case on behalf of a member of staff, who must own the uploads. The files are
    /// attached in the given order.
    ///
    /// Files that were stored for the update are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: UpdateRequest,
        files: &[UpdateFile],
        by: &StaffId,
    ) -> Result<ChangeOutcome, CaseError<UpdateCaseError>> {
        let outcome = self
            .changes
            .change_prepared(
                command,
                |_| self.gather(files, by),
                |case, prepared, policies, stamp| {
                    let attachments = prepared.attachments.clone();
                    let request = UpdateRequest { attachments, ..request.clone() };
                    Ok(case.update(request, policies, stamp)?)
                },
            )
            .await
            .map_err(|error| match error {
                CaseError::Repository(RepositoryError::Duplicate {
                    constraint: UniqueConstraint::Attachment,
                }) => CaseError::Refused(UpdateCaseError::UploadTaken),
                error => error,
            });
        let stored = files.iter().filter_map(|file| match file {
            UpdateFile::Stored(file) => Some(file.clone()),
            UpdateFile::Upload(_) => None,
        });
        self.attachments.discard_unused(&outcome, &stored.collect::<Vec<_>>()).await;
        outcome
    }

    async fn gather(
        &self,
        files: &[UpdateFile],
        by: &StaffId,
    ) -> Result<Prepared, CaseError<UpdateCaseError>> {
        let named = files.iter().filter_map(|file| match file {
            UpdateFile::Upload(id) => Some(*id),
            UpdateFile::Stored(_) => None,
        });
        let named: Vec<_> = named.collect();
        let taken = self.attachments.take(&named, by).await.map_err(|error| match error {
            TakeUploadsError::NotFound(id) => {
                CaseError::Refused(UpdateCaseError::UploadNotFound(id))
            }
            TakeUploadsError::Repository(error) => error.into(),
        })?;
        let mut taken = taken.into_iter();
        let in_order = files.iter().filter_map(|file| match file {
            UpdateFile::Stored(file) => Some(file.clone()),
            UpdateFile::Upload(_) => taken.next(),
        });
        Ok(Prepared { attachments: in_order.collect(), ..Prepared::default() })
    }
}
