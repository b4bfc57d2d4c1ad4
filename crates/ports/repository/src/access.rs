use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{CaseId, CaseNumber, NotificationId, PersonId};

use crate::{OutboxMessage, RepositoryError};

/// Generation of the proofs of ownership of a case, incremented whenever they are revoked. Proofs
/// from an earlier generation are invalid. A new case is in generation 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessGeneration(pub u32);

/// Generations of the proofs of a case's participants, each with its own. A new participant is in
/// the generation to which the proofs of all participants were last revoked, at first 0.
///
/// ```
/// use engage_domain::PersonId;
/// use engage_repository::{AccessGeneration, ParticipantGenerations};
///
/// let [ann, ben] = [1, 2].map(PersonId::from_u128);
/// let mut generations = ParticipantGenerations::default();
/// assert_eq!(generations.rotate(ann), AccessGeneration(1));
/// generations.rotate_all();
/// assert_eq!(generations.of(ann), AccessGeneration(2));
/// assert_eq!(generations.of(ben), AccessGeneration(1));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParticipantGenerations {
    /// How often the proofs of all participants were revoked.
    pub all: u32,
    /// How often the proofs of one participant were revoked. Absent if never.
    pub people: BTreeMap<PersonId, u32>,
}

impl ParticipantGenerations {
    /// Returns the generation of a participant.
    pub fn of(&self, person: PersonId) -> AccessGeneration {
        let own = self.people.get(&person).copied().unwrap_or_default();
        AccessGeneration(self.all.saturating_add(own))
    }

    /// Starts a new generation of a participant, and returns it.
    pub fn rotate(&mut self, person: PersonId) -> AccessGeneration {
        let own = self.people.entry(person).or_default();
        *own = own.saturating_add(1);
        self.of(person)
    }

    /// Starts a new generation of every participant.
    pub fn rotate_all(&mut self) {
        self.all = self.all.saturating_add(1);
    }
}

/// Generations of the proofs of a case's customer and participants that are currently valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseGenerations {
    /// Generation of the customer's proofs of ownership.
    pub customer: AccessGeneration,
    /// Generation in which the customer's address was proven, if it was. The proof started the next
    /// one.
    pub proven_in: Option<AccessGeneration>,
    /// Generations of the participants' proofs.
    pub participants: ParticipantGenerations,
}

impl CaseGenerations {
    /// Returns the generation whose proofs are valid as well if they came to the customer's address:
    /// the one before the present one, if it ended because the address was proven.
    pub fn before_proof(&self) -> Option<AccessGeneration> {
        self.proven_in.filter(|before| before.0.checked_add(1) == Some(self.customer.0))
    }
}

/// Result of revoking the access to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotatedAccess {
    /// The proofs were revoked. The generation is that of the person, or that of the customer if
    /// the access of everybody was revoked.
    To(AccessGeneration),
    /// No case has the number.
    NoSuchCase,
    /// The case never had this person.
    NoSuchPerson,
}

/// A one-time code to be sent to the customer or a participant of a case.
///
/// The code itself is stored nowhere, because it is derived from the id of the notification that
/// delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessCode {
    /// Id of the case.
    pub case: CaseId,
    /// The person who shows their part in the case with the code. The customer has the id
    /// [`PersonId::of_customer`].
    pub person: PersonId,
    /// Notification that delivers the code.
    pub message: OutboxMessage,
    /// Rate limit on codes for a person of a case.
    pub limit: CodeLimit,
    /// Validity of the code. The notification is not sent after that.
    pub valid_for: Duration,
}

/// Rate limit on the codes of a person of a case.
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
/// use engage_repository::{AccessGeneration, AccessRepository, CaseRepository, RotatedAccess};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// store.commit(a_change_set(an_opened(1), Vec::new())).await?;
///
/// // Links that were sent before prove nothing any more.
/// let rotated = store.rotate_access(&a_case_number(1), None).await?;
/// assert_eq!(rotated, RotatedAccess::To(AccessGeneration(1)));
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert_eq!(stored.generations.customer, AccessGeneration(1));
/// let rotated = store.rotate_access(&a_case_number(2), None).await?;
/// assert_eq!(rotated, RotatedAccess::NoSuchCase);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccessRepository: Send + Sync {
    /// Starts a new generation of the proofs of a person of a case, which revokes all earlier ones.
    /// Without a person, starts one for the customer and for every participant.
    ///
    /// MUST leave everything else of the case unchanged, including its version and the proofs of
    /// other people.
    async fn rotate_access(
        &self,
        number: &CaseNumber,
        person: Option<PersonId>,
    ) -> Result<RotatedAccess, RepositoryError>;

    /// Stores a code and the notification that delivers it, in one commit. The notification belongs
    /// to the first event of the case, but does not wait for other notifications of that event.
    ///
    /// MUST return `false` and store nothing if the limit forbids it, if there is no such case, or
    /// if the person is neither its customer nor a participant who takes part or left, or has
    /// another address than that of the notification. A previous code of the person MUST NOT be
    /// found any more, nor count attempts. The notification of a participant's previous code MAY be
    /// deleted.
    async fn add_code(&self, code: NewAccessCode) -> Result<bool, RepositoryError>;

    /// Counts an attempt to redeem the code of a person of a case, and returns the id of the
    /// notification that the code is derived from.
    ///
    /// MUST return `None` if there is no code, or if it is older than `valid_for`, was redeemed, or
    /// was tried `most_tries` times before. MUST count each of several concurrent attempts.
    async fn try_code(
        &self,
        case: CaseId,
        person: PersonId,
        valid_for: Duration,
        most_tries: u32,
    ) -> Result<Option<NotificationId>, RepositoryError>;

    /// Redeems a code and starts a new generation of the person's proofs, in one commit. Returns
    /// the generation.
    ///
    /// MUST return `None` and change nothing if the code was already redeemed or the person has
    /// another one.
    async fn redeem_code(
        &self,
        case: CaseId,
        person: PersonId,
        code: NotificationId,
    ) -> Result<Option<AccessGeneration>, RepositoryError>;
}
