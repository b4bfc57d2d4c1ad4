//! One pass of the erasure of a person.

use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::case::WrongActor;
use engage_domain::{CaseNumber, ErasureCounts, ErasureState, StaffRef};
use engage_repository::{
    AuditActor, CaseOfPerson, ClaimedErasure, ErasureProgress, PersonErasure, RepositoryError,
};
use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};

use super::contacts::erase_contacts;
use super::people_of_case::erase_people;
use super::ports::PersonErasurePorts;
use super::runner_settings::PersonErasureSettings;
use crate::audit::{Act, AuditAction, Initiator};
use crate::{CaseChanges, CaseCommand, CaseError};

/// Error of a part of a pass. The other parts are made.
#[derive(Debug, Error)]
enum PartError {
    #[error(transparent)]
    OwnCase(#[from] CaseError<Infallible>),
    #[error(transparent)]
    OtherCase(#[from] CaseError<WrongActor>),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Reason for which a pass over the cases ends early.
enum Interruption {
    /// The worker stops.
    Stopped,
    /// Another worker has claimed the erasure, since this one was too slow.
    Lost,
    /// Storage failed.
    Failed(RepositoryError),
}

impl From<RepositoryError> for Interruption {
    fn from(error: RepositoryError) -> Self {
        Self::Failed(error)
    }
}

/// A pass of a claimed erasure.
pub(super) struct Pass<'a> {
    changes: &'a Arc<CaseChanges>,
    ports: &'a PersonErasurePorts,
    settings: &'a PersonErasureSettings,
    erasure: PersonErasure,
    claim: i64,
    begun: Vec<CaseNumber>,
    failures: u32,
    /// Member of staff who is named in the history of cases.
    member: Option<StaffRef>,
    by: Initiator,
    has_failed: bool,
}

impl<'a> Pass<'a> {
    pub(super) async fn new(
        changes: &'a Arc<CaseChanges>,
        ports: &'a PersonErasurePorts,
        settings: &'a PersonErasureSettings,
        claimed: ClaimedErasure,
    ) -> Result<Self, RepositoryError> {
        let ClaimedErasure { erasure, claim, begun, failures } = claimed;
        let member = ports.staff.find_staff(&erasure.requested_by).await?;
        let actor = AuditActor::Staff(erasure.requested_by.to_string());
        Ok(Self {
            changes,
            ports,
            settings,
            erasure,
            claim,
            begun,
            failures,
            member: member.map(|member| member.to_ref()),
            by: Initiator { actor, ..Initiator::system() },
            has_failed: false,
        })
    }

    /// Makes the pass, unless stopped, and stores its outcome.
    pub(super) async fn run(mut self, stop: &watch::Receiver<bool>) -> Result<(), RepositoryError> {
        match self.cases(stop).await {
            Ok(()) => {}
            Err(Interruption::Lost) => return Ok(()),
            Err(Interruption::Stopped) => return self.let_go().await,
            Err(Interruption::Failed(error)) => {
                self.note("failed to read the cases of a person who is erased", &error);
            }
        }
        self.complete().await
    }

    /// Erases the person from contacts and from all cases.
    async fn cases(&mut self, stop: &watch::Receiver<bool>) -> Result<(), Interruption> {
        // They do not have the person's address any more if the last worker came that far.
        for number in self.begun.clone() {
            self.own_case(number).await?;
        }
        let (addresses, contact) = (self.erasure.addresses.clone(), self.erasure.contact);
        if let Err(error) = erase_contacts(self.ports, &addresses, contact, &self.by).await {
            self.note("failed to erase the contacts of a person", &error);
        }
        if let Err(error) = self.ports.erase_addresses(&addresses).await {
            self.note("failed to erase the suppressed addresses of a person", &error);
        }
        let mut after = None;
        loop {
            let part = self.ports.cases_after(&addresses, after).await?;
            let Some(last) = part.last() else { return Ok(()) };
            after = Some(last.id);
            for CaseOfPerson { number, customer, .. } in part {
                if *stop.borrow() {
                    return Err(Interruption::Stopped);
                }
                if addresses.contains(&customer) && self.is_still_own(&number).await? {
                    self.own_case(number).await?;
                } else {
                    self.case_of_others(number).await?;
                }
            }
        }
    }

    /// Checks whether the person is still the customer of a case that was listed some time ago. A
    /// correction may have given the case to somebody else.
    async fn is_still_own(&self, number: &CaseNumber) -> Result<bool, RepositoryError> {
        let stored = self.ports.records.cases.find_case(number).await?;
        let email = stored.and_then(|stored| stored.case.into_facts().customer.email);
        Ok(email.is_some_and(|email| self.erasure.addresses.contains(&email)))
    }

    /// Erases a case of which the person is the customer.
    ///
    /// That takes several commits, and the case is not found any more after the first one. So it is
    /// noted before.
    async fn own_case(&mut self, number: CaseNumber) -> Result<(), Interruption> {
        if !self.begun.contains(&number) {
            self.begun.push(number.clone());
            self.save().await?;
        }
        match self.ports.erase_case.execute(self.command(&number), &self.by).await {
            Ok(_) => {
                self.erasure.counts.add(ErasureCounts { cases: 1, ..ErasureCounts::default() });
                self.begun.retain(|begun| *begun != number);
            }
            // It stays noted, and the pass is made again.
            Err(error) => self.note_case(&number, &error.into()),
        }
        Ok(())
    }

    /// Erases the person from a case of somebody else.
    async fn case_of_others(&mut self, number: CaseNumber) -> Result<(), Interruption> {
        let (records, addresses) = (&self.ports.records, &self.erasure.addresses);
        match erase_people(self.changes, records, self.command(&number), addresses).await {
            Ok(counts) => {
                self.erasure.counts.add(counts);
                self.save().await?;
            }
            Err(error) => self.note_case(&number, &error.into()),
        }
        Ok(())
    }

    /// Returns a request to change a case in the name of the member of staff, or else of the system.
    fn command(&self, number: &CaseNumber) -> CaseCommand {
        match &self.member {
            Some(member) => CaseCommand::by_staff(number.clone(), member.clone()),
            None => CaseCommand::by_system(number.clone()),
        }
    }

    fn note_case(&mut self, number: &CaseNumber, error: &PartError) {
        let id = self.erasure.id;
        warn!(erasure = %id, case = %number, %error, "failed to erase a person from a case");
        self.has_failed = true;
    }

    fn note(&mut self, what: &'static str, error: &RepositoryError) {
        let cause = error.causes();
        warn!(erasure = %self.erasure.id, %error, cause, "{what}; retrying later");
        self.has_failed = true;
    }

    /// Stores the progress, and keeps the claim for as long again.
    async fn save(&self) -> Result<(), Interruption> {
        let due_at = self.ports.clock.now().plus(self.settings.lease);
        let progress = ErasureProgress { due_at, ..self.progress() };
        let is_saved = self.ports.erasures.save_person_erasure(&progress).await?;
        if is_saved { Ok(()) } else { Err(Interruption::Lost) }
    }

    /// Lets another worker go on at once.
    async fn let_go(&self) -> Result<(), RepositoryError> {
        self.ports.erasures.save_person_erasure(&self.progress()).await.map(drop)
    }

    /// Stores the outcome of the pass. The end of the erasure is recorded in the audit log.
    async fn complete(mut self) -> Result<(), RepositoryError> {
        let now = self.ports.clock.now();
        let due_at = if self.has_failed {
            self.failures += 1;
            if self.failures >= self.settings.most_failures {
                self.erasure.state = ErasureState::Failed;
            }
            now.plus(self.settings.pause_after_failure.saturating_mul(self.failures))
        } else {
            self.failures = 0;
            self.erasure.state = match self.erasure.state {
                ErasureState::Running => ErasureState::SecondPass,
                _ => ErasureState::Done,
            };
            now.plus(self.settings.second_pass_after)
        };
        let progress = ErasureProgress { due_at, ..self.progress() };
        if self.erasure.state.is_unfinished() {
            return self.ports.erasures.save_person_erasure(&progress).await.map(drop);
        }
        let record = self.ports.records.recorder.record(&self.by, self.act());
        let acts = self.ports.records.acts.person_erasures(record);
        if acts.save_person_erasure(&progress).await? {
            info!(erasure = %self.erasure.id, state = %self.erasure.state, "a person was erased");
        }
        Ok(())
    }

    fn act(&self) -> Act {
        let ErasureCounts { cases, entries, quotes } = self.erasure.counts;
        Act::new(AuditAction::PersonErased)
            .to(self.erasure.id)
            .set("contactId", self.erasure.contact.map(|id| id.to_string()))
            .set("state", self.erasure.state.as_str())
            .set("cases", cases)
            .set("entries", entries)
            .set("quotes", quotes)
    }

    fn progress(&self) -> ErasureProgress {
        ErasureProgress {
            id: self.erasure.id,
            claim: self.claim,
            state: self.erasure.state,
            counts: self.erasure.counts,
            begun: self.begun.clone(),
            failures: self.failures,
            due_at: self.ports.clock.now(),
        }
    }
}
