use std::sync::Arc;

use engage_domain::case::UpdateError;
use engage_domain::{AttachmentId, StaffId, UpdateRequest};
use engage_repository::{RepositoryError, UniqueConstraint};
use thiserror::Error;

use crate::attachments::{Attachments, TakeUploadsError, UpdateFile};
use crate::case_changes::Prepared;
use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

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
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{CaseCommand, UpdateCase};
/// # use engage_application::{Attachments, SpaceFloor};
/// use engage_domain::{Status, UpdateRequest};
/// # use engage_repository::{MockAttachmentStore, MockUploadRepository};
/// # use engage_testkit::builders::{a_case_number, a_staff_member, an_opened};
/// # use engage_testkit::{FakeCases, ManualClock, SequentialIds, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # cases.add(an_opened(1).case);
/// # let attachments = Attachments {
/// #     contents: Arc::new(MockAttachmentStore::new()),
/// #     uploads: Arc::new(MockUploadRepository::new()),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SequentialIds::new()),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// let update_case = UpdateCase::new(case_changes(&cases), attachments);
/// let jane = a_staff_member("staff-123");
/// let command = CaseCommand::by_staff(a_case_number(1), jane.to_ref());
/// let reply = UpdateRequest::message("Please sign in again.".parse()?)
///     .with_status(Status::Resolved);
/// let outcome = update_case.execute(command, reply, &[], &jane.id).await?;
/// let case = outcome.into_changed().expect("it is the first request").case;
/// assert_eq!(case.status(), Status::Resolved);
/// assert!(case.facts().first_response.is_some());
/// # Ok(())
/// # }
/// ```
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
                |_, _| self.gather(files, by),
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
        self.attachments.discard_unused(&outcome, &UpdateFile::stored(files)).await;
        outcome
    }

    async fn gather(
        &self,
        files: &[UpdateFile],
        by: &StaffId,
    ) -> Result<Prepared, CaseError<UpdateCaseError>> {
        let gathered = self.attachments.gather(files, by).await;
        let attachments = gathered.map_err(|error| match error {
            TakeUploadsError::NotFound(id) => {
                CaseError::Refused(UpdateCaseError::UploadNotFound(id))
            }
            TakeUploadsError::Repository(error) => error.into(),
        })?;
        Ok(Prepared { attachments, ..Prepared::default() })
    }
}
