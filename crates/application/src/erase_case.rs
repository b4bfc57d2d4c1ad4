use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{Case, CaseNumber, EventId, Version};
use engage_notifier::Snapshot;
use engage_repository::{
    AuditedStore, CaseRepository, Erasure, ErasureRepository, EventHistory, RepositoryError,
    SearchWords,
};

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::case_changes::Prepared;
use crate::case_snapshots::snapshots_before;
use crate::{Attachments, CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Ports used to erase the data of a case.
#[derive(Clone)]
#[allow(missing_docs)] // Each port says what it is.
pub struct CaseRecords {
    pub cases: Arc<dyn CaseRepository>,
    pub history: Arc<dyn EventHistory>,
    pub erasure: Arc<dyn ErasureRepository>,
    pub acts: Arc<dyn AuditedStore>,
    pub recorder: AuditRecorder,
    pub attachments: Attachments,
}

/// Erases the personal data of a case, but keeps the bare history.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::{CaseChanges, CaseCommand, CaseRecords, EraseCase, Initiator};
/// # use engage_application::{Attachments, AuditRecorder, CasePorts, CaseRules, SpaceFloor};
/// use engage_domain::EmailAddress;
/// # use engage_attachments::AttachmentContents;
/// # use engage_repository::{AuditRepository, CaseRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, a_staff_member, an_opened};
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
/// # let recorder = AuditRecorder::new(clock, ids);
/// let records = CaseRecords {
///     cases: store.clone(),
///     history: store.clone(),
///     erasure: store.clone(),
///     acts: store.clone(),
///     recorder,
///     attachments,
/// };
/// # let jane = a_staff_member("staff-123").to_ref();
/// let command = CaseCommand::by_staff(a_case_number(1), jane);
/// EraseCase::new(changes, records).execute(command, &Initiator::command_line()).await?;
///
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the bare case remains");
/// assert_eq!(stored.case.facts().customer.email, Some(EmailAddress::erased()));
/// assert_eq!(store.seal_audit().await?.position, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EraseCase {
    changes: Arc<CaseChanges>,
    records: CaseRecords,
}

impl EraseCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, records: CaseRecords) -> Self {
        Self { changes, records }
    }

    /// Erases a case, which ends it, together with its files, updates and snapshots.
    ///
    /// A concurrent change is either committed before the erasure and erased as well, or decided on
    /// the erased case. If the request fails midway, it must be sent again. Repeating it with the
    /// same idempotency key completes the erasure.
    pub async fn execute(
        &self,
        command: CaseCommand,
        initiator: &Initiator,
    ) -> Result<ChangeOutcome, CaseError<Infallible>> {
        let number = command.number.clone();
        // A precondition is only certain at the commit, so nothing may be erased before.
        let begins_before = command.options.preconditions.is_none();
        let outcome = self
            .changes
            .change_prepared(
                command,
                |case, _| self.prepare(case.clone(), begins_before),
                |case, _, policies, stamp| Ok(Some(case.erase(policies, stamp))),
            )
            .await?;
        match &outcome {
            ChangeOutcome::Changed(changed) => {
                let act = Act::new(AuditAction::CaseErased).to(&number);
                let record = self.records.recorder.record(initiator, act);
                let erasure = self.records.acts.erasure(record);
                self.erase_before(&changed.case, changed.case.version(), &erasure).await?;
            }
            // The first request may have failed after the commit, before the rest was erased.
            ChangeOutcome::Replayed(response) => {
                let case = self.find(&number).await?;
                self.erase_before(&case, response.version, &self.records.erasure).await?;
            }
        }
        Ok(outcome)
    }

    /// Erases the stored data of the case before the case itself, if that is allowed. If the server
    /// crashes in between, no case claims to be erased while its data remains.
    async fn prepare(
        &self,
        case: Case,
        begins_before: bool,
    ) -> Result<Prepared, CaseError<Infallible>> {
        if begins_before {
            self.erase_before(&case, case.version().next(), &self.records.erasure).await?;
        }
        Ok(Prepared::default())
    }

    async fn find(&self, number: &CaseNumber) -> Result<Case, CaseError<Infallible>> {
        let found = self.records.cases.find_case(number).await?;
        found.map(|stored| stored.case).ok_or_else(|| CaseError::NotFound(number.clone()))
    }

    /// Erases everything that was stored for a case before a version. Calling it again is safe.
    async fn erase_before(
        &self,
        case: &Case,
        before: Version,
        erasure: &Arc<dyn ErasureRepository>,
    ) -> Result<(), CaseError<Infallible>> {
        let records = &self.records;
        let files = erasure
            .erase(Erasure {
                case: case.facts().id,
                before,
                snapshots: self.erased_snapshots(case.number(), before).await?,
                words: SearchWords::of_case(case, &[], usize::MAX),
            })
            .await?;
        records.attachments.delete(&files).await;
        Ok(())
    }

    async fn erased_snapshots(
        &self,
        number: &CaseNumber,
        before: Version,
    ) -> Result<Vec<(EventId, String)>, CaseError<Infallible>> {
        let snapshots = snapshots_before(&*self.records.history, number, before).await?;
        let erased = |snapshot: Snapshot| {
            let id = snapshot.data.event.id;
            let text = snapshot.erased().into_stored_json();
            text.map(|text| (id, text)).map_err(|error| RepositoryError::internal(error).into())
        };
        snapshots.into_iter().map(erased).collect()
    }
}
