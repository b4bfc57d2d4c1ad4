//! Requesting the erasure of a person, and following it.

use std::time::Duration;

use engage_domain::case::WrongActor;
use engage_domain::{ContactId, EmailAddress, ErasureCounts, ErasureId, ErasureState, StaffId};
use engage_repository::{
    AddedErasure, ErasureKey, IdempotencyKey, PersonErasure, RepositoryError, RequestDigest,
    RequestedUnderKey,
};
use thiserror::Error;

use super::people_of_case::find_people;
use super::ports::PersonErasurePorts;
use crate::CaseError;
use crate::audit::{Act, AuditAction, Initiator};

/// Time for which an idempotency key counts.
const KEY_RETENTION: Duration = Duration::from_hours(24);

/// Person to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonToErase {
    /// Person with an address, and the contact that has it with all its addresses.
    Email(EmailAddress),
    /// A contact with all its addresses.
    Contact(ContactId),
}

/// Error returned when the erasure of a person is not requested or found.
#[derive(Debug, Error)]
pub enum ErasePersonError {
    /// There is no such contact.
    #[error("there is no contact {0}")]
    ContactNotFound(ContactId),
    /// There is no such erasure.
    #[error("there is no erasure {0}")]
    NotFound(ErasureId),
    /// The idempotency key was used for another request. Choose another key.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Idempotency key of a request for an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasureRequestKey {
    /// Idempotency key.
    pub key: IdempotencyKey,
    /// Digest of the request's content and of the key as it was sent, so that nobody who has the
    /// digest can find out the address by trying.
    pub digest: RequestDigest,
}

/// A requested erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedErasure {
    /// Id of the erasure.
    pub id: ErasureId,
    /// True if an earlier request with the same idempotency key requested it.
    pub is_replayed: bool,
}

/// Erases persons from all cases and contacts.
///
/// A request is stored, and a [`PersonErasureRunner`](crate::PersonErasureRunner) carries it out.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use engage_application::{AccessTokens, ServerSecret};
/// use engage_application::{ErasePerson, Initiator, PersonToErase};
/// # use engage_application::PersonErasurePorts;
/// # use engage_application::{Attachments, AuditRecorder, CaseChanges, CasePorts, CaseRecords};
/// # use engage_application::{CaseRules, EraseCase, SpaceFloor};
/// # use engage_attachments::AttachmentContents;
/// use engage_domain::ErasureState;
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let attachments = Attachments {
/// #     contents: Arc::new(AttachmentContents::in_memory()),
/// #     uploads: store.clone(),
/// #     clock: clock.clone(),
/// #     ids: ids.clone(),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// # let ports = CasePorts::new(store.clone(), store.clone(), clock.clone(), ids.clone());
/// # let changes = Arc::new(CaseChanges::new(ports, CaseRules::default()));
/// # let records = CaseRecords {
/// #     cases: store.clone(),
/// #     history: store.clone(),
/// #     erasure: store.clone(),
/// #     acts: store.clone(),
/// #     recorder: AuditRecorder::new(clock.clone(), ids.clone()),
/// #     attachments,
/// # };
/// # let secret = ServerSecret::from_bits([7; 32]);
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let ports = PersonErasurePorts {
/// #     erasures: store.clone(),
/// #     contacts: store.clone(),
/// #     organizations: store.clone(),
/// #     staff: store.clone(),
/// #     erase_case: EraseCase::new(changes, records.clone()),
/// #     tokens,
/// #     records,
/// #     clock,
/// #     ids,
/// # };
/// let erase_person = ErasePerson::new(ports);
/// let john = PersonToErase::Email("john@example.com".parse()?);
/// assert_eq!(erase_person.preview(john.clone()).await?.cases, 1);
///
/// let (jane, by) = ("jane".parse()?, Initiator::command_line());
/// let requested = erase_person.request(john, jane, None, &by).await?;
/// assert_eq!(erase_person.find(requested.id).await?.state, ErasureState::Running);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ErasePerson {
    ports: PersonErasurePorts,
}

impl ErasePerson {
    /// Creates the use case.
    pub fn new(ports: PersonErasurePorts) -> Self {
        Self { ports }
    }

    /// Returns the numbers of what an erasure would cover now, and changes nothing.
    ///
    /// Fails if there is no such contact.
    pub async fn preview(&self, person: PersonToErase) -> Result<ErasureCounts, ErasePersonError> {
        let (addresses, _) = self.addresses(person).await?;
        let (mut counts, mut after) = (ErasureCounts::default(), None);
        loop {
            let part = self.ports.cases_after(&addresses, after).await?;
            let Some(last) = part.last() else { return Ok(counts) };
            after = Some(last.id);
            for case in part {
                if addresses.contains(&case.customer) {
                    counts.cases += 1;
                    continue;
                }
                let records = &self.ports.records;
                let Some(stored) = records.cases.find_case(&case.number).await? else { continue };
                let found = find_people(&*records.history, &stored.case, &addresses).await;
                if let Some(found) = found.map_err(into_repository)? {
                    counts.add(found.counts());
                }
            }
        }
    }

    /// Requests the erasure of a person. The request is recorded in the audit log, without addresses.
    ///
    /// Fails if there is no such contact, or if the key was used for another request.
    pub async fn request(
        &self,
        person: PersonToErase,
        requested_by: StaffId,
        key: Option<ErasureRequestKey>,
        by: &Initiator,
    ) -> Result<RequestedErasure, ErasePersonError> {
        let ports = &self.ports;
        let (addresses, contact) = match self.addresses(person).await {
            Ok(found) => found,
            // A repeated request may come after the contact was removed.
            Err(error) => return self.replay(key, error).await,
        };
        let id = ErasureId::from_u128(ports.ids.next_id());
        let created_at = ports.clock.now();
        let erasure = PersonErasure {
            id,
            contact,
            requested_by,
            state: ErasureState::Running,
            counts: ErasureCounts::default(),
            addresses,
            created_at,
        };
        let act = Act::new(AuditAction::PersonErasureRequested).to(id);
        let act = act.set("contactId", contact.map(|id| id.to_string()));
        let record = ports.records.recorder.record(by, act);
        let stored_key = key.map(|ErasureRequestKey { key, digest }| ErasureKey {
            key,
            digest,
            expired_before: created_at.minus(KEY_RETENTION),
        });
        let acts = ports.records.acts.person_erasures(record);
        match (acts.add_person_erasure(&erasure, stored_key).await?, key) {
            (AddedErasure::Added, _) => Ok(RequestedErasure { id, is_replayed: false }),
            (AddedErasure::KeyUsed(earlier), Some(key)) => replayed(earlier, key),
            (AddedErasure::KeyUsed(_), None) => Err(ErasePersonError::KeyReused),
        }
    }

    /// Finds an erasure.
    ///
    /// Fails if there is no such erasure.
    pub async fn find(&self, id: ErasureId) -> Result<PersonErasure, ErasePersonError> {
        let found = self.ports.erasures.find_person_erasure(id).await?;
        found.ok_or(ErasePersonError::NotFound(id))
    }

    /// Returns the earlier erasure that was requested under a key, or otherwise the error.
    async fn replay(
        &self,
        key: Option<ErasureRequestKey>,
        error: ErasePersonError,
    ) -> Result<RequestedErasure, ErasePersonError> {
        let (Some(used), ErasePersonError::ContactNotFound(_)) = (key, &error) else {
            return Err(error);
        };
        let expired_before = self.ports.clock.now().minus(KEY_RETENTION);
        let ErasureRequestKey { key, digest } = used;
        let key = ErasureKey { key, digest, expired_before };
        match self.ports.erasures.find_requested_erasure(&key).await? {
            Some(earlier) => replayed(earlier, used),
            None => Err(error),
        }
    }

    /// Returns the addresses of a person, and their contact.
    ///
    /// An address has one contact, and a contact is one person. So its other addresses are erased as
    /// well: without the contact nobody could say any more whose they are.
    async fn addresses(
        &self,
        person: PersonToErase,
    ) -> Result<(Vec<EmailAddress>, Option<ContactId>), ErasePersonError> {
        let contacts = &self.ports.contacts;
        let (given, contact) = match person {
            PersonToErase::Contact(id) => {
                let contact = contacts.find_contact(id).await?;
                (None, Some(contact.ok_or(ErasePersonError::ContactNotFound(id))?))
            }
            PersonToErase::Email(email) => {
                let found = contacts.find_contacts_by_email(std::slice::from_ref(&email)).await?;
                (Some(email), found.into_iter().next())
            }
        };
        let mut addresses = Vec::from_iter(given);
        for email in contact.iter().flat_map(|contact| &contact.emails) {
            if !addresses.contains(email) {
                addresses.push(email.clone());
            }
        }
        // They are those of many people at once.
        addresses.retain(|address| !address.is_placeholder());
        Ok((addresses, contact.map(|contact| contact.id)))
    }
}

/// Returns the erasure of an earlier request, if this one repeats it.
fn replayed(
    earlier: RequestedUnderKey,
    used: ErasureRequestKey,
) -> Result<RequestedErasure, ErasePersonError> {
    if earlier.digest == used.digest {
        Ok(RequestedErasure { id: earlier.id, is_replayed: true })
    } else {
        Err(ErasePersonError::KeyReused)
    }
}

/// Converts an error of reading a case.
fn into_repository(error: CaseError<WrongActor>) -> RepositoryError {
    match error {
        CaseError::Repository(error) => error,
        other => RepositoryError::internal(other),
    }
}
