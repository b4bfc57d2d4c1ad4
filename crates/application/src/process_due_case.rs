use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseFacts;
use engage_repository::{DueCase, DueCases, EventOrigin};

use crate::trace::{TraceSampler, automatic_span};
use crate::{CaseChanges, CaseCommand, CaseError, ChangeOptions, ChangeOutcome};

/// Performs the automatic actions of a case: raises alerts about service targets and closes
/// resolved cases.
///
/// Any number of processes may process the same case concurrently. Each action is performed by one
/// of them, and the others find nothing to do.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// use engage_application::ProcessDueCase;
/// use engage_domain::sla::ServiceAlert;
/// # use engage_repository::{DueCase, MockDueCases};
/// # use engage_testkit::builders::an_opened;
/// # use engage_testkit::use_cases::case_changes_with;
/// # use engage_testkit::{FakeCases, ManualClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (cases, clock, case) = (FakeCases::default(), ManualClock::new(), an_opened(1).case);
/// # cases.add(case.clone());
/// # let changes = case_changes_with(&cases, |ports, _| ports.clock = Arc::new(clock.clone()));
/// # let (id, number) = (case.facts().id, case.number().clone());
/// # let due_at = case.facts().next_action_at.expect("a first response is awaited");
/// let due = DueCase { id, number, due_at };
/// let process = ProcessDueCase::new(changes, Arc::new(MockDueCases::new()));
/// // Nobody has answered an urgent case of a business for five hours.
/// clock.advance(Duration::from_secs(5 * 3600));
/// assert!(process.execute(&due).await?);
/// let alerted = cases.case(&due.number).expect("the case is stored");
/// assert_eq!(alerted.facts().first_response_alert, Some(ServiceAlert::Breach));
/// assert!(!process.execute(&due).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProcessDueCase {
    changes: Arc<CaseChanges>,
    due_cases: Arc<dyn DueCases>,
    sampler: TraceSampler,
}

impl ProcessDueCase {
    /// Creates the use case. `due_cases` postpones cases that are not due after all.
    pub fn new(changes: Arc<CaseChanges>, due_cases: Arc<dyn DueCases>) -> Self {
        Self { changes, due_cases, sampler: TraceSampler::default() }
    }

    /// Replaces the sampler, which samples every trace by default.
    #[must_use]
    pub fn with_sampler(self, sampler: TraceSampler) -> Self {
        Self { sampler, ..self }
    }

    /// Performs all actions that are due. Returns whether there were any.
    pub async fn execute(&self, due: &DueCase) -> Result<bool, CaseError<Infallible>> {
        let mut has_changed = false;
        loop {
            match self.change_once(due).await? {
                ChangeOutcome::Changed(changed) if changed.event.is_none() => {
                    self.put_off(changed.case.facts()).await?;
                    return Ok(has_changed);
                }
                _ => has_changed = true,
            }
        }
    }

    /// Performs one action, in a trace that starts with it because no request causes it.
    async fn change_once(&self, due: &DueCase) -> Result<ChangeOutcome, CaseError<Infallible>> {
        let trace = self.sampler.start();
        let span = automatic_span(&trace, &due.number);
        let origin = EventOrigin { trace: Some(trace), ..EventOrigin::default() };
        let options = ChangeOptions { origin, ..ChangeOptions::default() };
        let command = CaseCommand::by_system(due.number.clone()).with_options(options);
        let outcome = self
            .changes
            .change(command, |case, policies, stamp| Ok(case.apply_due_action(policies, stamp)))
            .await;
        match &outcome {
            Ok(ChangeOutcome::Changed(changed)) if changed.event.is_none() => {
                span.record("trace.discarded", true);
            }
            Ok(_) => {}
            Err(_) => {
                span.record("otel.status_code", "ERROR");
            }
        }
        outcome
    }

    /// Corrects the time of the next action if the policies have changed since the last change of
    /// the case.
    async fn put_off(&self, case: &CaseFacts) -> Result<(), CaseError<Infallible>> {
        let next = self.changes.policies().next_action_at(case);
        if next != case.next_action_at {
            self.due_cases.put_off_case(case.id, case.version, next).await?;
        }
        Ok(())
    }
}
