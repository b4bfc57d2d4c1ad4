use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseFacts;
use engage_repository::{DueCase, DueCases};

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Does with a case what has become due by itself: warns of service targets, and closes it.
///
/// Any number of processes may do so with one case at once: each thing is done by one of them, and
/// the others find nothing left to do.
#[derive(Clone)]
pub struct ProcessDueCase {
    changes: Arc<CaseChanges>,
    due_cases: Arc<dyn DueCases>,
}

impl ProcessDueCase {
    /// Changes cases, and puts off those with which nothing is to be done yet.
    pub fn new(changes: Arc<CaseChanges>, due_cases: Arc<dyn DueCases>) -> Self {
        Self { changes, due_cases }
    }

    /// Does everything that is due by now; tells whether there was anything.
    pub async fn execute(&self, due: &DueCase) -> Result<bool, CaseError<Infallible>> {
        let mut has_changed = false;
        loop {
            let outcome = self
                .changes
                .change(CaseCommand::by_system(due.number.clone()), |case, policies, stamp| {
                    Ok(case.apply_due_action(policies, stamp))
                })
                .await?;
            match outcome {
                ChangeOutcome::Changed(changed) if changed.event.is_none() => {
                    self.put_off(changed.case.facts()).await?;
                    return Ok(has_changed);
                }
                _ => has_changed = true,
            }
        }
    }

    /// Where the rules have changed since the case last did, its time is another.
    async fn put_off(&self, case: &CaseFacts) -> Result<(), CaseError<Infallible>> {
        let next = self.changes.policies().next_target_at(case);
        if next != case.next_target_at {
            self.due_cases.put_off_case(case.id, case.version, next).await?;
        }
        Ok(())
    }
}
