use std::num::NonZeroU32;

use engage_repository::RepositoryError;

use super::Attachments;

impl Attachments {
    /// Deletes uploads that are older than they are kept, the oldest first and so many at most: the
    /// content of those that no update took, then what is known of them. Returns how many.
    pub async fn sweep(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        let before = self.clock.now().minus(self.lifetime);
        let expired = self.uploads.list_expired_uploads(before, limit).await?;
        let mut swept = Vec::new();
        let mut failure = None;
        for upload in &expired {
            if !upload.is_taken
                && let Err(error) = self.contents.delete(upload.id).await
            {
                // Its row stays, so that it is tried again.
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
