//! Actions that become due automatically.

use super::draft::{Draft, announcement};
use super::{Case, CaseFacts, Decision, Policies, Stamp, Status};
use crate::Reason;
use crate::actor::Actor;
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
    pub fn next_action_at(&self, case: &CaseFacts) -> Option<Timestamp> {
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
    /// [`CaseFacts::next_action_at`] of the new state is in the past as well.
    ///
    /// The customer is not notified. A missed target raises the escalation level if the policy says
    /// so. Urgency and due times do not change. The actor of the event is the system, whatever the
    /// stamp says.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// // A response to a customer without a contract is due in 48 hours, and the warning in 36.
    /// let next = policies.next_action_at(case.facts()).ok_or("nothing will be due")?;
    /// assert_eq!(next, "2025-01-28T22:00:00Z".parse()?);
    /// let warned = case.apply_due_action(&policies, by(Actor::System, "2025-01-28T22:00:00Z"));
    /// assert_eq!(warned.ok_or("nothing is due")?.event.event_type(), EventType::Overdue);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_due_action(&self, policies: &Policies, mut stamp: Stamp) -> Option<Decision> {
        stamp.actor = Actor::System;
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
