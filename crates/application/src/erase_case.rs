use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::{Actor, Case, CaseNumber, EventId, StaffRef, Version};
use engage_notifier::Snapshot;
use engage_repository::{
    AuditedStore, CaseRepository, Erasure, ErasureRepository, EventHistory, RepositoryError,
    SearchWords,
};

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::{Attachments, CaseChanges, CaseError, ChangeOptions, Changed};

/// How many events are read at once.
const PART: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Where what a case has gathered is found, to be erased.
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

/// An administrator has everything about a person erased from a case, such as where the person asks
/// for it; the bare history stays.
#[derive(Clone)]
pub struct EraseCase {
    changes: Arc<CaseChanges>,
    records: CaseRecords,
}

impl EraseCase {
    /// Erases cases and what they have gathered.
    pub fn new(changes: Arc<CaseChanges>, records: CaseRecords) -> Self {
        Self { changes, records }
    }

    /// Erases all that a case has gathered, the case itself, which ends it, and what came in between.
    ///
    /// What others are about to write is either kept before the case is erased, and then erased with
    /// the rest, or decided on the erased case. Where this fails half-way, it has to be called again,
    /// or [`finish`](Self::finish).
    pub async fn execute(
        &self,
        number: &CaseNumber,
        by: StaffRef,
        options: &ChangeOptions,
        initiator: &Initiator,
    ) -> Result<Changed, CaseError<Infallible>> {
        if options.versions.is_none() {
            // First, so that a case that says it is erased is: a server may die in between.
            let case = self.find(number).await?;
            self.erase_before(&case, case.version().next(), &self.records.erasure).await?;
        }
        let changed = self
            .changes
            .change(number, &Actor::Staff(by), None, options, |case, policies, stamp| {
                Ok(Some(case.erase(policies, stamp)))
            })
            .await?;
        let act = Act::new(AuditAction::CaseErased).to(number);
        let erasure = self.records.acts.erasure(self.records.recorder.record(initiator, act));
        self.erase_before(&changed.case, changed.case.version(), &erasure).await?;
        Ok(changed)
    }

    /// Erases all that came before the version that erasing gave a case. May be called again.
    pub async fn finish(
        &self,
        number: &CaseNumber,
        before: Version,
    ) -> Result<(), CaseError<Infallible>> {
        self.erase_before(&self.find(number).await?, before, &self.records.erasure).await
    }

    async fn find(&self, number: &CaseNumber) -> Result<Case, CaseError<Infallible>> {
        let found = self.records.cases.find_case(number).await?;
        found.map(|stored| stored.case).ok_or_else(|| CaseError::NotFound(number.clone()))
    }

    /// Erases what a case has gathered before a version.
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
