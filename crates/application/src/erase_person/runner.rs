//! Background worker that erases persons.

use std::sync::Arc;

use engage_repository::RepositoryError;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::warn;

use super::pass::Pass;
use super::ports::PersonErasurePorts;
use super::runner_settings::PersonErasureSettings;
use crate::CaseChanges;

/// Carries out requested erasures of persons in the background. Several runners may share a database.
///
/// An erasure takes two passes, since mail of the person may be under way during the first one. One that
/// a crash interrupts is resumed once its claim has ended.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{ErasePerson, Initiator, PersonErasurePorts, PersonErasureRunner};
/// # use engage_application::{Attachments, AuditRecorder, CaseChanges, CasePorts, CaseRecords};
/// # use engage_application::{CaseRules, EraseCase, SpaceFloor};
/// # use engage_application::{AccessTokens, ServerSecret};
/// use engage_application::{PersonErasureSettings, PersonToErase};
/// # use engage_attachments::AttachmentContents;
/// use engage_domain::ErasureState;
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_change_set, an_opened};
/// use tokio::sync::watch;
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
/// #     erase_case: EraseCase::new(changes.clone(), records.clone()),
/// #     tokens,
/// #     records,
/// #     clock,
/// #     ids,
/// # };
/// let settings = PersonErasureSettings::default();
/// let runner = PersonErasureRunner::new(changes, ports.clone(), settings);
/// let (stop, stopped) = watch::channel(false);
/// let running = tokio::spawn(runner.run(stopped));
///
/// let erase_person = ErasePerson::new(ports);
/// let (john, by) = (PersonToErase::Email("john@example.com".parse()?), Initiator::system());
/// let id = erase_person.request(john, "jane".parse()?, None, &by).await?.id;
/// # engage_testkit::contract::in_time(async {
/// #     while erase_person.find(id).await.unwrap().state != ErasureState::SecondPass {
/// #         tokio::time::sleep(Duration::from_millis(1)).await;
/// #     }
/// # })
/// # .await;
/// // The first pass is complete after some seconds.
/// stop.send(true)?;
/// running.await?;
/// assert_eq!(erase_person.find(id).await?.counts.cases, 1);
/// # Ok(())
/// # }
/// ```
pub struct PersonErasureRunner {
    changes: Arc<CaseChanges>,
    ports: PersonErasurePorts,
    settings: PersonErasureSettings,
}

impl PersonErasureRunner {
    /// Creates a runner.
    pub fn new(
        changes: Arc<CaseChanges>,
        ports: PersonErasurePorts,
        settings: PersonErasureSettings,
    ) -> Self {
        Self { changes, ports, settings }
    }

    /// Runs until `stop` becomes true or its sender is dropped. The case that is being erased is
    /// finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.make_due_passes(&stop).await {
                let cause = error.causes();
                warn!(%error, cause, "failed to erase a person; retrying later");
            }
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                () = sleep(self.settings.poll) => {}
            }
        }
    }

    async fn make_due_passes(&self, stop: &watch::Receiver<bool>) -> Result<(), RepositoryError> {
        while !*stop.borrow() {
            let now = self.ports.clock.now();
            let until = now.plus(self.settings.lease);
            let claimed = self.ports.erasures.claim_person_erasure(now, until).await?;
            let Some(claimed) = claimed else { return Ok(()) };
            let pass = Pass::new(&self.changes, &self.ports, &self.settings, claimed).await?;
            pass.run(stop).await?;
        }
        Ok(())
    }
}
