//! What becomes due by itself.

use super::draft::{Draft, announcement};
use super::{Case, CaseFacts, Decision, Policies, Stamp, Status};
use crate::Reason;
use crate::escalation::Escalation;
use crate::event::{EventKind, Overdue};
use crate::sla::{ServiceAlert, SlaTimer, SlaTimerKind, just_after};
use crate::time::Timestamp;
use crate::update::Visibility;

/// Something that is to be done with a case at some time, by nobody in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Tell(SlaTimerKind, ServiceAlert),
    Close,
}

impl Policies {
    /// When something next becomes due by itself: telling staff that a service target is in danger
    /// or missed, or closing a resolved case. May have passed; nothing where nothing is to come
    /// unless the case changes.
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
    /// Does one thing that has become due by itself: tells staff once that three quarters of the
    /// time for the first response or the resolution are used up, and once that it is over, or
    /// closes a case that was resolved longer ago than anybody may reopen it. Answers nothing where
    /// nothing is due; where more is, [`CaseFacts::next_target_at`] of the case as it will be has
    /// passed, too.
    ///
    /// The customer hears of none of it. A target that is missed raises the escalation level where
    /// the policy says so; urgency and due times stay.
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
                // Where nobody looked for long, the warning is left out.
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
