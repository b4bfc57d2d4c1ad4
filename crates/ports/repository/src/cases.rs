use async_trait::async_trait;
use engage_domain::{Case, CaseNumber, StaffMember};

use crate::{CaseGenerations, ChangeSet, RepositoryError};

/// A case with the data needed to decide on a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    /// The case.
    pub case: Case,
    /// Assignee of the case.
    pub assignee: Option<StaffMember>,
    /// Generations of the proofs of its people.
    pub generations: CaseGenerations,
}

impl StoredCase {
    /// Returns a case whose proofs are all in their first generation.
    pub fn new(case: Case, assignee: Option<StaffMember>) -> Self {
        Self { case, assignee, generations: CaseGenerations::default() }
    }
}

/// Write access to cases: read, decide, commit.
///
/// ```
/// use engage_repository::{CaseRepository, RepositoryError};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened, cancelled, minutes_later};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let opened = an_opened(1);
/// store.commit(a_change_set(opened.clone(), Vec::new())).await?;
///
/// // Two callers decide on the same version of the case, so the second one is refused.
/// let read = store.find_case(opened.case.number()).await?.expect("the case is stored").case;
/// let [first, second] = [1, 2].map(|minutes| cancelled(&read, minutes_later(minutes)));
/// store.commit(a_change_set(first, Vec::new())).await?;
/// let refused = store.commit(a_change_set(second, Vec::new())).await;
/// assert!(matches!(refused, Err(RepositoryError::Conflict)));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseRepository: Send + Sync {
    /// Reads a case in its last committed state, with its participants.
    ///
    /// MUST return `None` if no case has the number. MUST include the assignee, even if
    /// deactivated.
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError>;

    /// Commits a change atomically and durably: the case, the event, its updates, the notifications
    /// and the response to the request.
    ///
    /// MUST return [`RepositoryError::Conflict`] and store nothing if the stored case is not at
    /// [`ChangeSet::base_version`]. MUST return [`RepositoryError::Outdated`] and store nothing if
    /// the directory is not at [`ChangeSet::directory`] when the change is committed. No change of
    /// the directory may be acknowledged while a commit that was planned without it is still
    /// running. MUST return [`RepositoryError::Duplicate`] and store nothing: with
    /// [`CaseNumber`](crate::UniqueConstraint::CaseNumber) if the number of a new case is already
    /// in use, with [`Attachment`](crate::UniqueConstraint::Attachment) if one of its files already
    /// belongs to an update, and with [`IdempotencyKey`](crate::UniqueConstraint::IdempotencyKey)
    /// if another change was committed under the same key and its record has not expired at the
    /// time of this one.
    ///
    /// A [`Revision`](crate::Revision) is part of the commit. MUST cancel the notifications of the
    /// case to the customer at a former address that wait, are under way or are dead, and replace the
    /// address of these and of cancelled ones by [`ERASED_EMAIL`](engage_domain::contact::ERASED_EMAIL)
    /// or [`ERASED_PHONE`](engage_domain::contact::ERASED_PHONE), so that they are not sent there
    /// again. MUST NOT change those that were sent, those to staff and those of other cases. A
    /// redaction MUST replace the given snapshots of earlier events of the case, the text of the
    /// update and the pieces of responses, and MUST turn the file into an upload that has expired and
    /// was never finished. Search MUST NOT find the case by words that it no longer contains.
    ///
    /// An erasure of [people](crate::PeopleErasure) MUST replace the given snapshots of earlier events
    /// and pieces of responses, and in all entries of these people the text. MUST forget the names that
    /// they had as authors, their client addresses and their one-time codes, and turn their files into
    /// uploads as a redaction does. MUST replace the addresses of all notifications to them, and to
    /// former addresses of the customer, by placeholders at `erased.invalid`, with the failure reasons,
    /// and cancel those that wait, are under way or are dead.
    ///
    /// MUST succeed and change nothing if the event is already stored. MUST
    /// either complete or roll back if the caller is dropped before it returns. One change set that
    /// fails MUST NOT make another fail.
    ///
    /// If the event changes the tags, MUST store those of the case. Each MUST be the name, or a former
    /// one, of a tag in the store. If one is not, MUST fail and store nothing.
    ///
    /// In the same commit, MUST cancel every notification to a participant whose participation the
    /// event [ends](engage_domain::Event::ended_participations), if it waits, is in flight or was
    /// given up.
    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError>;
}
