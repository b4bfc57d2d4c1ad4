use std::sync::Arc;

use engage_domain::{CaseNumber, PersonId};
use engage_repository::{AuditedStore, RotatedAccess};
use thiserror::Error;

use crate::CaseError;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Error returned when access is not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RotateAccessError {
    /// The case never had this person. Read its participants.
    #[error("the case has no person {0}")]
    PersonNotFound(PersonId),
}

/// Revokes the access of a case's customer and participants, for example after a link was leaked.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, RotateAccess};
/// # use engage_application::{AccessTokens, AuditRecorder, ServerSecret};
/// # use engage_repository::{AccessGeneration, CaseRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let recorder = AuditRecorder::new(Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let secret = ServerSecret::from_bits([7; 32]);
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let opened = an_opened(1);
/// # store.commit(a_change_set(opened.clone(), Vec::new())).await?;
/// let id = opened.case.facts().id;
/// let leaked = tokens.issue(id, AccessGeneration::default(), monday());
///
/// let rotate_access = RotateAccess::new(store.clone(), recorder);
/// rotate_access.execute(&a_case_number(1), None, &Initiator::command_line()).await?;
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert!(!tokens.fits(leaked.expose(), id, stored.generations.customer, monday()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RotateAccess {
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
}

impl RotateAccess {
    /// Creates the use case.
    pub fn new(acts: Arc<dyn AuditedStore>, recorder: AuditRecorder) -> Self {
        Self { acts, recorder }
    }

    /// Revokes the access tokens of a person of a case, or all access tokens of the case, including
    /// those in links already sent. Later emails contain a valid link.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        person: Option<PersonId>,
        by: &Initiator,
    ) -> Result<(), CaseError<RotateAccessError>> {
        let mut act = Act::new(AuditAction::CaseAccessRotated).to(number);
        if let Some(person) = person {
            act = act.set("personId", person.to_string());
        }
        let access = self.acts.access(self.recorder.record(by, act));
        match (access.rotate_access(number, person).await?, person) {
            (RotatedAccess::NoSuchPerson, Some(person)) => {
                Err(CaseError::Refused(RotateAccessError::PersonNotFound(person)))
            }
            (RotatedAccess::NoSuchCase | RotatedAccess::NoSuchPerson, _) => {
                Err(CaseError::NotFound(number.clone()))
            }
            (RotatedAccess::To(_), _) => Ok(()),
        }
    }
}
