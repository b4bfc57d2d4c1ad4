use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{
    CaseId, CaseNumber, ContactId, EmailAddress, ErasureCounts, ErasureId, ErasureState, StaffId,
    Timestamp,
};

use crate::{ErasedAddress, IdempotencyKey, RepositoryError, RequestDigest};

/// The erasure of a person from all cases, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonErasure {
    /// Id of the erasure.
    pub id: ErasureId,
    /// Contact that the person was, if there was one.
    pub contact: Option<ContactId>,
    /// Member of staff who requested it.
    pub requested_by: StaffId,
    /// State of the erasure.
    pub state: ErasureState,
    /// What it has covered so far.
    pub counts: ErasureCounts,
    /// Addresses of the person. There are none once the erasure is finished.
    pub addresses: Vec<EmailAddress>,
    /// Time of the request.
    pub created_at: Timestamp,
}

/// Idempotency key of the request for an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureKey {
    /// The key.
    pub key: IdempotencyKey,
    /// Digest of the request. It MUST NOT be possible to guess the request from it.
    pub digest: RequestDigest,
    /// Time of the request up to which an earlier use of the key no longer counts.
    pub expired_before: Timestamp,
}

/// Result of adding an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedErasure {
    /// The erasure was added.
    Added,
    /// Another erasure was requested under the key. Nothing was added.
    KeyUsed(RequestedUnderKey),
}

/// An erasure that was requested under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestedUnderKey {
    /// Id of the erasure.
    pub id: ErasureId,
    /// Digest of the request for it.
    pub digest: RequestDigest,
}

/// An unfinished erasure, on which only the caller works until the claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedErasure {
    /// The erasure.
    pub erasure: PersonErasure,
    /// Number of the claim.
    pub claim: i64,
    /// Cases whose erasure was begun and may be incomplete.
    pub begun: Vec<CaseNumber>,
    /// Number of passes that failed since the last complete one.
    pub failures: u32,
}

/// Progress of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureProgress {
    /// Id of the erasure.
    pub id: ErasureId,
    /// Number of the claim.
    pub claim: i64,
    /// State of the erasure.
    pub state: ErasureState,
    /// What it has covered so far.
    pub counts: ErasureCounts,
    /// Cases whose erasure is begun.
    pub begun: Vec<CaseNumber>,
    /// Number of passes that failed since the last complete one.
    pub failures: u32,
    /// Time from which the erasure can be claimed again, unless it is finished.
    pub due_at: Timestamp,
}

/// A case in which a person is or was the customer or a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseOfPerson {
    /// Id of the case.
    pub id: CaseId,
    /// Case number.
    pub number: CaseNumber,
    /// Address of the customer.
    pub customer: EmailAddress,
}

/// Erasures of persons, and where persons are found.
///
/// ```
/// use engage_domain::{ErasureCounts, ErasureId, ErasureState};
/// use engage_repository::{AddedErasure, PersonErasure, PersonErasures};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{minutes_later, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// # let (contact, requested_by, state) = (None, "jane".parse()?, ErasureState::Running);
/// # let (counts, created_at) = (ErasureCounts::default(), monday());
/// let (id, addresses) = (ErasureId::from_u128(7), vec!["john@example.com".parse()?]);
/// let new = PersonErasure { id, contact, requested_by, state, counts, addresses, created_at };
/// assert_eq!(store.add_person_erasure(&new, None).await?, AddedErasure::Added);
///
/// // One worker has it until the claim ends.
/// let claimed = store.claim_person_erasure(monday(), minutes_later(5)).await?;
/// assert_eq!(claimed.expect("it is due").erasure, new);
/// assert_eq!(store.claim_person_erasure(minutes_later(4), minutes_later(9)).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonErasures: Send + Sync {
    /// Adds an erasure, which is due at once.
    ///
    /// MUST return [`AddedErasure::KeyUsed`] and add nothing if another one was requested under the
    /// key and has not expired, also if that happens concurrently.
    async fn add_person_erasure(
        &self,
        erasure: &PersonErasure,
        key: Option<ErasureKey>,
    ) -> Result<AddedErasure, RepositoryError>;

    /// Finds the erasure that was requested under a key, unless that has expired.
    async fn find_requested_erasure(
        &self,
        key: &ErasureKey,
    ) -> Result<Option<RequestedUnderKey>, RepositoryError>;

    /// Finds an erasure.
    async fn find_person_erasure(
        &self,
        id: ErasureId,
    ) -> Result<Option<PersonErasure>, RepositoryError>;

    /// Claims the unfinished erasure that has been due for the longest time at `now`, until a time.
    ///
    /// MUST give an erasure to one caller only until then.
    async fn claim_person_erasure(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ClaimedErasure>, RepositoryError>;

    /// Stores the progress of a claimed erasure.
    ///
    /// MUST return `false` and store nothing if the claim is not the latest one of an unfinished
    /// erasure. MUST delete the addresses with the progress if the erasure is finished.
    async fn save_person_erasure(
        &self,
        progress: &ErasureProgress,
    ) -> Result<bool, RepositoryError>;

    /// Replaces these addresses by their hashes where they are suppressed, without the reason, and
    /// erases the reasons for stopped channels that mention one of them.
    ///
    /// MUST leave channels stopped and addresses suppressed.
    async fn erase_addresses(&self, addresses: &[ErasedAddress]) -> Result<(), RepositoryError>;

    /// Lists the cases in which somebody with one of these addresses is or was the customer or a
    /// participant, in the order of their ids, after one and at most `limit`.
    ///
    /// MUST find participants who left or were removed, and former addresses of customers. MUST
    /// compare addresses as [`EmailAddress`] does. MAY list a case in which an address merely occurs.
    async fn list_cases_of_person(
        &self,
        addresses: &[EmailAddress],
        after: Option<CaseId>,
        limit: NonZeroU32,
    ) -> Result<Vec<CaseOfPerson>, RepositoryError>;
}
