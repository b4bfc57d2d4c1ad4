use std::sync::Arc;

use engage_domain::tag::{TagChange, TagName, Tags};
use engage_domain::{Role, TagId};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{FoundTag, RepositoryError, Tag, TagFilter, TagRepository};

use super::error::TagError;

/// Names of tags in a filter on cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagNamesFilter {
    /// Tags of which a case has at least one. None matches every case.
    pub any: Vec<TagName>,
    /// Tags each of which a case has.
    pub all: Vec<TagName>,
    /// Tags of which a case has none.
    pub none: Vec<TagName>,
    /// Only cases without tags.
    pub untagged: bool,
}

/// Finds the tags that people name, by present and by former names.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{TagError, TagNames};
/// use engage_domain::Role;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::{ManualClock, SequentialIds};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SequentialIds::new()));
/// let tags = TagNames::new(store, clock, ids).created_by(Role::Supervisor);
/// let refused = tags.to_put(vec!["VIP".parse()?], Role::Agent).await;
/// assert!(matches!(refused, Err(TagError::MayNotCreate(_))));
///
/// // It is shown as it was first written.
/// tags.to_put(vec!["VIP".parse()?], Role::Supervisor).await?;
/// let known = tags.to_put(vec!["vip".parse()?], Role::Agent).await?;
/// assert_eq!(known[0].as_str(), "VIP");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TagNames {
    tags: Arc<dyn TagRepository>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    creator: Role,
}

impl TagNames {
    /// Creates the use case. Agents may create tags.
    pub fn new(
        tags: Arc<dyn TagRepository>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { tags, clock, ids, creator: Role::Agent }
    }

    /// Lets only members with this role or a higher one create tags.
    #[must_use]
    pub fn created_by(self, creator: Role) -> Self {
        Self { creator, ..self }
    }

    /// Returns the tags to put on a case, as they are spelled. Creates those that do not exist, if a
    /// member with this role may.
    pub async fn to_put(&self, names: Vec<TagName>, by: Role) -> Result<Vec<TagName>, TagError> {
        let mut found = self.tags.find_tags(&names).await?;
        let is_new = |name: &&TagName| spelled(name, &found).is_none();
        let new: Vec<TagName> = names.iter().filter(is_new).cloned().collect();
        if let Some(name) = new.first() {
            // A machine is at most an agent.
            if by.max(Role::Agent) < self.creator {
                return Err(TagError::MayNotCreate(name.clone()));
            }
            self.tags.add_tags(&self.created(new)).await?;
            found = self.tags.find_tags(&names).await?;
        }
        Ok(names.into_iter().map(|name| spelled(&name, &found).unwrap_or(name)).collect())
    }

    /// Returns a change of the tags of a case with the tags as they are spelled. Creates those to add
    /// that do not exist, if a member with this role may.
    pub async fn change(&self, change: TagChange, by: Role) -> Result<TagChange, TagError> {
        if change.is_empty() {
            return Ok(change);
        }
        let found = self.tags.find_tags(&change.remove).await?;
        let known = |name| spelled(&name, &found).unwrap_or(name);
        let remove = change.remove.into_iter().map(known).collect();
        Ok(TagChange { add: self.to_put(change.add, by).await?, remove })
    }

    /// Returns all tags to put on a case, as they are spelled. Creates those that do not exist, if a
    /// member with this role may.
    pub async fn all(&self, tags: &Tags, by: Role) -> Result<Tags, TagError> {
        let names = self.to_put(tags.iter().cloned().collect(), by).await?;
        Ok(Tags::from_stored(names))
    }

    /// Returns a filter on cases by the tags with these names. No case has a tag that does not exist.
    pub async fn filter(&self, asked: &TagNamesFilter) -> Result<TagFilter, RepositoryError> {
        let names: Vec<_> =
            [&asked.any, &asked.all, &asked.none].into_iter().flatten().cloned().collect();
        let found = self.tags.find_tags(&names).await?;
        let ids = |name: &TagName| ids(name, &found);
        let together = |names: &[TagName]| names.iter().flat_map(ids).collect::<Vec<_>>();
        Ok(TagFilter {
            any: (!asked.any.is_empty()).then(|| together(&asked.any)),
            all: asked.all.iter().map(ids).collect(),
            none: together(&asked.none),
            untagged: asked.untagged,
        })
    }

    fn created(&self, names: Vec<TagName>) -> Vec<Tag> {
        let created_at = self.clock.now();
        let tag = |name| Tag { id: TagId::from_u128(self.ids.next_id()), name, created_at };
        names.into_iter().map(tag).collect()
    }
}

fn spelled(name: &TagName, found: &[FoundTag]) -> Option<TagName> {
    let folded = name.folded();
    found.iter().find(|one| one.asked == folded).map(|one| one.tag.name.clone())
}

fn ids(name: &TagName, found: &[FoundTag]) -> Vec<TagId> {
    let folded = name.folded();
    found.iter().find(|one| one.asked == folded).map(|one| one.ids.clone()).unwrap_or_default()
}
