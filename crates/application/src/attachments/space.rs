use engage_repository::RepositoryError;

use super::Attachments;
use super::metrics::note_space;

impl Attachments {
    /// Whether a file can be stored without the room falling under its floor. A store without an end
    /// of its own always has room.
    pub(super) async fn has_space(&self) -> Result<bool, RepositoryError> {
        let space = self.contents.space().await?;
        note_space(space);
        Ok(space.is_none_or(|space| self.floor.allows(space)))
    }
}
