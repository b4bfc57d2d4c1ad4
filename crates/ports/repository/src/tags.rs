use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::tag::TagName;
use engage_domain::{TagId, Timestamp};

use crate::RepositoryError;

/// A tag that cases can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Id of the tag.
    pub id: TagId,
    /// Name of the tag.
    pub name: TagName,
    /// Time at which the tag was added.
    pub created_at: Timestamp,
}

/// A tag that was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTag {
    /// Name by which it was looked for, folded.
    pub asked: String,
    /// The tag.
    pub tag: Tag,
    /// Ids by which cases have the tag: its own, and those of the tags that were merged into it.
    pub ids: Vec<TagId>,
}

/// Result of a change of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagWrite {
    /// The change was made.
    Made,
    /// There is no such tag. Tags that were merged into others are none.
    Missing(TagId),
    /// Another tag has the name, or had it before. Nothing was written.
    NameTaken(Tag),
}

/// Tags of cases.
///
/// A tag has one name at a time. Its former names, and all names of the tags that were merged into it,
/// stay its own.
///
/// ```
/// use engage_domain::TagId;
/// use engage_repository::{Tag, TagRepository, TagWrite};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::monday;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let vip = Tag { id: TagId::from_u128(7), name: "VIP".parse()?, created_at: monday() };
/// store.add_tags(&[vip.clone()]).await?;
///
/// let renamed = store.rename_tag(vip.id, &"Important".parse()?).await?;
/// assert_eq!(renamed, TagWrite::Made);
/// let found = store.find_tags(&["vip".parse()?]).await?;
/// assert_eq!(found[0].tag.name.as_str(), "Important");
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TagRepository: Send + Sync {
    /// Adds tags. MUST leave out those whose name a tag has or had, also if that is added
    /// concurrently.
    async fn add_tags(&self, tags: &[Tag]) -> Result<(), RepositoryError>;

    /// Finds the tags that have or had these names, in no particular order. Names without a tag are
    /// left out.
    async fn find_tags(&self, names: &[TagName]) -> Result<Vec<FoundTag>, RepositoryError>;

    /// Finds a tag. MUST NOT find one that was merged into another.
    async fn find_tag(&self, id: TagId) -> Result<Option<Tag>, RepositoryError>;

    /// Lists the tags whose folded name starts with a text, in the order of their folded names, and
    /// returns the number of all of them. MUST return an empty page past the end, and no tag that was
    /// merged into another.
    async fn list_tags(
        &self,
        prefix: &str,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Tag>, u64), RepositoryError>;

    /// Counts the active cases of each tag, for tags that have any, in no particular order. Cases of
    /// merged tags count for the tag into which these were merged.
    async fn count_tagged_cases(&self) -> Result<Vec<(TagId, u64)>, RepositoryError>;

    /// Renames a tag. Cases show the new name.
    ///
    /// MUST return [`TagWrite::NameTaken`] if another tag has or had the name. MAY return
    /// [`RepositoryError::Conflict`] instead if that happens concurrently. MUST write nothing in
    /// either case.
    async fn rename_tag(&self, id: TagId, name: &TagName) -> Result<TagWrite, RepositoryError>;

    /// Merges a tag into another one, which gets its names and its cases. MUST return
    /// [`TagWrite::Missing`] if one of the two does not exist. The two MUST NOT be the same.
    async fn merge_tags(&self, from: TagId, into: TagId) -> Result<TagWrite, RepositoryError>;
}
