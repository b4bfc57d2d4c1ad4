use engage_repository::RepositoryError;

use super::Attachments;
use super::metrics::note_space;

impl Attachments {
    /// Checks whether the free space is above the floor. Storage without a capacity limit always
    /// has enough.
    pub(super) async fn has_space(&self) -> Result<bool, RepositoryError> {
        let space = self.contents.space().await?;
        note_space(space);
        Ok(space.is_none_or(|space| self.floor.allows(space)))
    }
}
