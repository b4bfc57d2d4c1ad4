use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::TagId;
use engage_domain::tag::{TagName, folded};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{AuditedStore, RepositoryError, Tag, TagRepository, TagWrite};

use super::counts::TagCounts;
use super::error::TagError;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// A tag with the number of its active cases, which may be a minute old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedTag {
    /// The tag.
    pub tag: Tag,
    /// Number of its active cases.
    pub active_cases: u64,
}

/// A page of the list of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPage {
    /// Tags in the order of their names.
    pub tags: Vec<CountedTag>,
    /// Number of all tags that match.
    pub total: u64,
}

/// Lists, renames and merges tags. No case changes with them, so these are acts in the audit log and no
/// events.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, ManageTags, TagError, TagNames};
/// use engage_domain::Role;
/// # use engage_repository::TagRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::{ManualClock, SequentialIds};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SequentialIds::new()));
/// let names = TagNames::new(store.clone(), clock.clone(), ids.clone());
/// names.to_put(vec!["VIP".parse()?, "Key account".parse()?], Role::Agent).await?;
/// # let found = store.find_tags(&["VIP".parse()?, "Key account".parse()?]).await?;
/// # let id = |name: &str| found.iter().find(|one| one.asked == name).unwrap().tag.id;
/// # let (vip, key_account) = (id("vip"), id("key account"));
///
/// let manage_tags = ManageTags::new(store.clone(), store, clock, ids);
/// let by = Initiator::command_line();
/// let refused = manage_tags.rename(key_account, &"vip".parse()?, &by).await;
/// assert!(matches!(refused, Err(TagError::NameTaken(tag)) if tag.id == vip));
///
/// // Both names are those of one tag afterwards.
/// manage_tags.merge(key_account, vip, &by).await?;
/// let known = names.to_put(vec!["key account".parse()?], Role::Agent).await?;
/// assert_eq!(known[0].as_str(), "VIP");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageTags {
    tags: Arc<dyn TagRepository>,
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
    counts: TagCounts,
}

impl ManageTags {
    /// Creates the use case.
    pub fn new(
        tags: Arc<dyn TagRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        let counts = TagCounts::new(Arc::clone(&tags));
        Self { tags, acts, recorder: AuditRecorder::new(clock, ids), counts }
    }

    /// Returns a page of the tags whose names start with a text, regardless of case.
    pub async fn page(
        &self,
        start: &str,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<TagPage, RepositoryError> {
        let (tags, total) = self.tags.list_tags(&folded(start), page, limit).await?;
        let counts = self.counts.get().await?;
        let counted = |tag: Tag| CountedTag {
            active_cases: counts.get(&tag.id).copied().unwrap_or_default(),
            tag,
        };
        Ok(TagPage { tags: tags.into_iter().map(counted).collect(), total })
    }

    /// Renames a tag. It is still found by its former name.
    pub async fn rename(&self, id: TagId, name: &TagName, by: &Initiator) -> Result<Tag, TagError> {
        let before = self.find(id).await?;
        if before.name == *name {
            return Ok(before);
        }
        let act = Act::new(AuditAction::TagRenamed).to(id);
        let act = act.changed("name", before.name.to_string(), name.to_string());
        let record = self.recorder.record(by, act);
        written(self.acts.tags(record).rename_tag(id, name).await?)?;
        Ok(Tag { name: name.clone(), ..before })
    }

    /// Merges a tag into another one, which is found by the names of both from then on. Returns the
    /// tag that remains.
    pub async fn merge(&self, from: TagId, into: TagId, by: &Initiator) -> Result<Tag, TagError> {
        if from == into {
            return Err(TagError::Same);
        }
        let (merged, remaining) = (self.find(from).await?, self.find(into).await?);
        let act = Act::new(AuditAction::TagsMerged).to(into);
        let act = act.set("from", from.to_string()).set("name", merged.name.to_string());
        let record = self.recorder.record(by, act);
        written(self.acts.tags(record).merge_tags(from, into).await?)?;
        Ok(remaining)
    }

    async fn find(&self, id: TagId) -> Result<Tag, TagError> {
        self.tags.find_tag(id).await?.ok_or(TagError::NotFound(id))
    }
}

fn written(outcome: TagWrite) -> Result<(), TagError> {
    match outcome {
        TagWrite::Made => Ok(()),
        TagWrite::Missing(id) => Err(TagError::NotFound(id)),
        TagWrite::NameTaken(tag) => Err(TagError::NameTaken(tag)),
    }
}
