use engage_domain::TagId;
use engage_domain::tag::TagName;
use engage_repository::{RepositoryError, Tag};
use thiserror::Error;

/// Error returned when a tag cannot be used or changed.
#[derive(Debug, Error)]
pub enum TagError {
    /// There is no such tag.
    #[error("there is no tag {0}")]
    NotFound(TagId),
    /// Another tag has the name, or had it before. Merge the two instead.
    #[error("the tag {} has this name, or had it before", .0.name)]
    NameTaken(Tag),
    /// A tag cannot be merged into itself.
    #[error("a tag cannot be merged into itself")]
    Same,
    /// There is no tag with this name, and the member may not create one.
    #[error("there is no tag {0}, and only a supervisor may create one")]
    MayNotCreate(TagName),
    /// Storage failed, or there were too many concurrent changes.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
