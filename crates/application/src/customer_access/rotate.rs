use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::AuditedStore;

use crate::CaseError;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Revokes the access of a case's customer, for example after a link was leaked.
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
/// rotate_access.execute(&a_case_number(1), &Initiator::command_line()).await?;
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert!(!tokens.fits(leaked.expose(), id, stored.access_generation, monday()));
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

    /// Revokes all access tokens of a case, including those in links already sent. Later emails
    /// contain a valid link.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        by: &Initiator,
    ) -> Result<(), CaseError<Infallible>> {
        let act = Act::new(AuditAction::CaseAccessRotated).to(number);
        let access = self.acts.access(self.recorder.record(by, act));
        let rotated = access.rotate_access(number).await?;
        rotated.map(drop).ok_or_else(|| CaseError::NotFound(number.clone()))
    }
}
