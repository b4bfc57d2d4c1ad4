use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{CaseId, CaseNumber, NotificationId};

use crate::{OutboxMessage, RepositoryError};

/// Generation of the proofs of ownership of a case, incremented whenever they are revoked. Proofs
/// from an earlier generation are invalid. A new case is in generation 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessGeneration(pub u32);

/// A one-time code to be sent to a customer.
///
/// The code itself is stored nowhere, because it is derived from the id of the notification that
/// delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessCode {
    /// Id of the case.
    pub case: CaseId,
    /// Notification that delivers the code.
    pub message: OutboxMessage,
    /// Rate limit on codes for a case.
    pub limit: CodeLimit,
    /// Validity of the code. The notification is not sent after that.
    pub valid_for: Duration,
}

/// Rate limit on the codes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimit {
    /// Maximum number of codes within the period.
    pub most: u32,
    /// Length of the period, which starts with the first code.
    pub within: Duration,
    /// Minimum time between two codes.
    pub apart: Duration,
}

/// Proofs of ownership of cases, with which customers authenticate.
///
/// ```
/// use engage_repository::{AccessGeneration, AccessRepository, CaseRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// store.commit(a_change_set(an_opened(1), Vec::new())).await?;
///
/// // Links that were sent before prove nothing any more.
/// assert_eq!(store.rotate_access(&a_case_number(1)).await?, Some(AccessGeneration(1)));
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert_eq!(stored.access_generation, AccessGeneration(1));
/// assert_eq!(store.rotate_access(&a_case_number(2)).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccessRepository: Send + Sync {
    /// Starts a new generation of proofs for a case, which revokes all earlier ones, and returns
    /// it.
    ///
    /// MUST return `None` if no case has the number. MUST leave everything else of the case
    /// unchanged, including its version.
    async fn rotate_access(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<AccessGeneration>, RepositoryError>;

    /// Stores a code and the notification that delivers it, in one commit. The notification belongs
    /// to the first event of the case, but does not wait for other notifications of that event.
    ///
    /// MUST return `false` and store nothing if the limit forbids it, or if there is no such case
    /// of a customer with the address of the notification. A previous code of the case MUST NOT be
    /// found any more, nor count attempts.
    async fn add_code(&self, code: NewAccessCode) -> Result<bool, RepositoryError>;

    /// Counts an attempt to redeem the code of a case, and returns the id of the notification that
    /// the code is derived from.
    ///
    /// MUST return `None` if there is no code, or if it is older than `valid_for`, was redeemed, or
    /// was tried `most_tries` times before. MUST count each of several concurrent attempts.
    async fn try_code(
        &self,
        case: CaseId,
        valid_for: Duration,
        most_tries: u32,
    ) -> Result<Option<NotificationId>, RepositoryError>;

    /// Redeems a code and starts a new generation of proofs, in one commit. Returns the generation.
    ///
    /// MUST return `None` and change nothing if the code was already redeemed or the case has
    /// another one.
    async fn redeem_code(
        &self,
        case: CaseId,
        code: NotificationId,
    ) -> Result<Option<AccessGeneration>, RepositoryError>;
}
