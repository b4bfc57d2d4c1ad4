//! Actions that become due automatically.

use super::draft::{Draft, announcement};
use super::{Case, CaseFacts, Decision, Policies, Stamp, Status};
use crate::Reason;
use crate::escalation::Escalation;
use crate::event::{EventKind, Overdue};
use crate::sla::{ServiceAlert, SlaTimer, SlaTimerKind, just_after};
use crate::time::Timestamp;
use crate::visibility::Visibility;

/// An action that becomes due at some time, without a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Tell(SlaTimerKind, ServiceAlert),
    Close,
}

impl Policies {
    /// Returns the time at which the next automatic action is due: an alert about a service target,
    /// or the closing of a resolved case.
    ///
    /// The time may be in the past. `None` means that no action is due unless the case changes.
    pub fn next_target_at(&self, case: &CaseFacts) -> Option<Timestamp> {
        self.next_task(case).map(|(at, _)| at)
    }

    fn next_task(&self, case: &CaseFacts) -> Option<(Timestamp, Task)> {
        let alert = |&clock: &SlaTimerKind| {
            let (at, alert) = SlaTimer::new(clock, case, &self.sla).next_alert()?;
            Some((at, Task::Tell(clock, alert)))
        };
        let closing = self.lifecycle.stays_resolved_until(case);
        let closing = closing.map(|last| (just_after(last), Task::Close));
        let tasks = SlaTimerKind::ALL.iter().filter_map(alert).chain(closing);
        tasks.min_by_key(|(at, _)| *at)
    }
}

impl Case {
    /// Applies one automatic action that has become due, or returns `None` if there is none.
    ///
    /// Staff are alerted once when three quarters of the time for the first response or the
    /// resolution have passed, and once when the target is missed. A resolved case is closed once
    /// its reopen window and closing delay have passed. If another action is due,
    /// [`CaseFacts::next_target_at`] of the new state is in the past as well.
    ///
    /// The customer is not notified. A missed target raises the escalation level if the policy says
    /// so. Urgency and due times do not change.
    pub fn apply_due_action(&self, policies: &Policies, stamp: Stamp) -> Option<Decision> {
        let mut draft = Draft::new(self, policies, stamp);
        let now = draft.now;
        let (_, task) = policies.next_task(&self.facts).filter(|(at, _)| *at <= now)?;
        let kind = match task {
            Task::Close => {
                draft.enter(Status::Closed);
                draft.announce(Visibility::Internal, announcement("Status changed to Closed"));
                EventKind::Updated
            }
            Task::Tell(clock, alert) => {
                // After a long delay, the warning is skipped and only the breach is raised.
                let reached = SlaTimer::new(clock, &self.facts, &policies.sla).reached(now);
                let alert = reached.map_or(alert, |reached| reached.max(alert));
                EventKind::Overdue(tell(&mut draft, policies, clock, alert))
            }
        };
        Some(draft.finish(kind, Visibility::Internal))
    }
}

fn tell(
    draft: &mut Draft<'_>,
    policies: &Policies,
    clock: SlaTimerKind,
    alert: ServiceAlert,
) -> Overdue {
    let (timestamp, by) = (draft.now, draft.actor.clone());
    let case = &mut draft.after;
    let (told, due, reason) = match clock {
        SlaTimerKind::FirstResponse => (
            &mut case.first_response_alert,
            case.first_response_due,
            "The first response is overdue",
        ),
        SlaTimerKind::Resolution => {
            (&mut case.resolution_alert, case.estimated_resolution, "The resolution is overdue")
        }
    };
    *told = Some(alert);
    let raises = policies.escalation.raise_on_breach && alert == ServiceAlert::Breach;
    let escalation = raises.then(|| {
        case.escalation_level = case.escalation_level.raised();
        Escalation {
            timestamp,
            reason: constant(reason),
            by,
            level: case.escalation_level,
            previous_urgency: case.urgency,
            new_urgency: case.urgency,
        }
    });
    Overdue { clock, alert, due, escalation }
}

fn constant(sentence: &'static str) -> Reason {
    // One of the two short sentences above.
    #[allow(clippy::expect_used)]
    sentence.parse().expect("a sentence is a reason")
}
