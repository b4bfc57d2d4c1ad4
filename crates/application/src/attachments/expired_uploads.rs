use std::num::NonZeroU32;

use engage_repository::RepositoryError;

use super::Attachments;

impl Attachments {
    /// Deletes expired uploads, oldest first and at most `limit`, and returns their number.
    ///
    /// Content is deleted before metadata. The content of attached files is retained.
    pub async fn sweep(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        let before = self.clock.now().minus(self.lifetime);
        let expired = self.uploads.list_expired_uploads(before, limit).await?;
        let mut swept = Vec::new();
        let mut failure = None;
        for upload in &expired {
            if !upload.is_taken
                && let Err(error) = self.contents.delete(upload.id).await
            {
                // The row stays, so that the next sweep tries again.
                failure = Some(error);
                continue;
            }
            swept.push(upload.id);
        }
        if !swept.is_empty() {
            self.uploads.remove_uploads(&swept).await?;
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(swept.len() as u64),
        }
    }
}
