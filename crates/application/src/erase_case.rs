use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::{Case, CaseNumber, EventId, Version};
use engage_notifier::Snapshot;
use engage_repository::{
    AuditedStore, CaseRepository, Erasure, ErasureRepository, EventHistory, RepositoryError,
    SearchWords,
};

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::case_changes::Prepared;
use crate::{Attachments, CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Number of events that are read at once.
const PART: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// The ports through which everything that belongs to a case is erased.
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

/// Erases the personal data of a case. The bare history stays.
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

    /// Erases a case, which ends it, and everything that it has gathered.
    ///
    /// A concurrent change is either committed before the erasure, and then erased with the rest, or
    /// decided on the erased case. If the request fails half-way, it has to be sent again; a repetition
    /// with the same idempotency key completes the erasure.
    pub async fn execute(
        &self,
        command: CaseCommand,
        initiator: &Initiator,
    ) -> Result<ChangeOutcome, CaseError<Infallible>> {
        let number = command.number.clone();
        // With a precondition, nothing may be erased before it is known to hold at the commit.
        let begins_before = command.options.preconditions.is_none();
        let outcome = self
            .changes
            .change_prepared(
                command,
                |case| self.prepare(case.clone(), begins_before),
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
            // The first request may have ended between the case and what it has gathered.
            ChangeOutcome::Replayed(response) => {
                let case = self.find(&number).await?;
                self.erase_before(&case, response.version, &self.records.erasure).await?;
            }
        }
        Ok(outcome)
    }

    /// Erases what the case has gathered so far, if that may happen first: a server may die before the
    /// rest, and a case that says that it is erased has to be.
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

    /// Erases everything that a case gathered before a version. May be called again.
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
        let mut erased = Vec::new();
        let mut after = None;
        loop {
            let part = self.records.history.list_case_events(number, after, PART).await?;
            let part = part.ok_or_else(|| CaseError::NotFound(number.clone()))?;
            let is_last = part.len() < PART.get() as usize;
            for text in part {
                let snapshot: Snapshot =
                    serde_json::from_str(&text).map_err(RepositoryError::internal)?;
                let (id, sequence) = (snapshot.data.event.id, snapshot.data.event.sequence);
                if sequence >= before {
                    return Ok(erased);
                }
                after = Some(sequence);
                let text = serde_json::to_string(&snapshot.erased());
                erased.push((id, text.map_err(RepositoryError::internal)?));
            }
            if is_last {
                return Ok(erased);
            }
        }
    }
}
