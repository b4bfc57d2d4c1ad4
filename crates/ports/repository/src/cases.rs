use async_trait::async_trait;
use engage_domain::{Case, CaseNumber, StaffMember};

use crate::{AccessGeneration, ChangeSet, RepositoryError};

/// A case as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    /// The case.
    pub case: Case,
    /// Who works on it.
    pub assignee: Option<StaffMember>,
    /// The generation of the proofs of ownership that hold.
    pub access_generation: AccessGeneration,
}

/// Cases, to be changed: read, decide, commit.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseRepository: Send + Sync {
    /// Reads a case as the last commit left it.
    ///
    /// MUST return `None` where no case has the number. MUST include the assignee, also one who
    /// has been deactivated.
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError>;

    /// Keeps a change: the case, the event, its updates, the messages and the answer to the request,
    /// all or nothing, durably.
    ///
    /// MUST return [`RepositoryError::Conflict`] and keep nothing where the stored case is not at
    /// [`ChangeSet::base_version`]. MUST return [`RepositoryError::Outdated`] and keep nothing where
    /// the directory is not at [`ChangeSet::directory`] when the change is committed: no change of
    /// the directory may be answered before a commit ends that was planned without it. MUST return
    /// [`RepositoryError::Duplicate`] and keep nothing: with
    /// [`CaseNumber`](crate::UniqueConstraint::CaseNumber) if a new case's number is taken, with
    /// [`Attachment`](crate::UniqueConstraint::Attachment) if one of its files belongs to an update
    /// already, and with [`IdempotencyKey`](crate::UniqueConstraint::IdempotencyKey) if another change
    /// was kept under the same key and its record has not expired when this one happens. MUST
    /// succeed and change nothing where the event is kept already. MUST be complete or undone where
    /// the caller is gone before it returns. One change set that fails MUST NOT make another fail.
    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError>;
}
