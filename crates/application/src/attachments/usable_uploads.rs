//! Uploads of staff, until an update has them.

use engage_domain::{Attachment, AttachmentId, StaffId};
use engage_repository::RepositoryError;
use thiserror::Error;

use super::Attachments;

/// Error returned when uploads cannot be attached.
#[derive(Debug, Error)]
pub enum TakeUploadsError {
    /// The member of staff has no such upload, it is already attached, or it is too old.
    #[error("upload {0} was not found, has expired, or is already attached")]
    NotFound(AttachmentId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl Attachments {
    /// Returns the uploads with these ids that a member of staff may attach to an update, in the
    /// given order.
    ///
    /// Fails with [`TakeUploadsError::NotFound`] if one of them cannot be attached. The last
    /// twenty-fourth of an upload's lifetime is a safety margin for the commit of the update and
    /// for clock skew between servers, so an upload of that age is refused already.
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
}
