use async_trait::async_trait;
use engage_domain::{AttachmentId, CaseId, EventId, Version};

use crate::{RepositoryError, SearchWords};

/// Erasure of the data associated with a case, once the case itself has been
/// [erased](engage_domain::Case::erase).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Id of the case.
    pub case: CaseId,
    /// Version of the case after its erasure. Earlier data is erased.
    pub before: Version,
    /// Snapshots of the earlier events without personal data.
    pub snapshots: Vec<(EventId, String)>,
    /// Words that the case is indexed by from now on.
    pub words: SearchWords,
}

/// Erases the personal data associated with a case.
///
/// ```
/// # use std::num::NonZeroU32;
/// # use engage_domain::{Actor, Policies};
/// use engage_repository::{CaseRepository, Erasure, ErasureRepository, EventHistory, SearchWords};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, a_stamp, an_opened, minutes_later};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let opened = an_opened(1);
/// store.commit(a_change_set(opened.clone(), Vec::new())).await?;
/// let stamp = a_stamp(Actor::System, minutes_later(5));
/// let erased = opened.case.erase(&Policies::default(), stamp);
/// # let (case, before) = (opened.case.facts().id, erased.case.version());
/// let snapshots = vec![(opened.event.id, "{}".to_owned())];
/// let words = SearchWords::of_case(&erased.case, &[], usize::MAX);
/// store.commit(a_change_set(erased, Vec::new())).await?;
/// assert_eq!(store.erase(Erasure { case, before, snapshots, words }).await?, []);
///
/// # let limit = NonZeroU32::MIN.saturating_add(9);
/// let events = store.list_case_events(opened.case.number(), None, limit).await?;
/// assert!(events.expect("the case is stored").iter().all(|event| !event.contains("John Doe")));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ErasureRepository: Send + Sync {
    /// Erases the data of a case from before a version, all or nothing, and returns the files whose
    /// contents are to be deleted.
    ///
    /// MUST replace the text of updates and escalations with [`ERASED`](engage_domain::text::ERASED), and
    /// the snapshots with the given ones. MUST forget the names that participants had as authors. MUST replace the words of the case with the given ones.
    /// MUST detach files from their updates and turn them into uploads that have expired and were
    /// never finished, so that they cannot be found and their contents are deleted even if the
    /// caller never does so. MUST cancel unfinished e-mails and text messages, except for notices
    /// to staff about an endpoint. MUST replace the customer's addresses with
    /// [`ERASED_EMAIL`](engage_domain::contact::ERASED_EMAIL) and
    /// [`ERASED_PHONE`](engage_domain::contact::ERASED_PHONE), and the failure reasons of all notifications
    /// with [`ERASED`](engage_domain::text::ERASED). MUST replace the addresses of participants with
    /// placeholders at `erased.invalid`, of which no two are equal: one event may have told several of
    /// them by the same template. MUST delete the responses stored under idempotency
    /// keys and the one-time codes, and start a new generation of proofs of ownership. MUST NOT make a
    /// revoked proof valid again while the stored case has participants.
    ///
    /// MUST NOT change data from that version or later, nor other cases. MUST succeed when
    /// repeated.
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError>;
}
