//! Invariants that hold after every change in random sequences of commands, actors and times.

use std::collections::BTreeSet;
use std::time::Duration;

use engage_domain::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::commands::{Command, Step, execute, policies, steps};
use crate::invariants::{
    check_customer, check_history, check_lifecycle, check_targets, check_urgency,
};
use crate::support::*;

/// Every run generates the same sequences, so that failures are reproducible.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_250_127),
        ..ProptestConfig::default()
    }
}

/// State of the timers, derived from the history alone.
#[derive(Debug)]
struct History {
    case: Case,
    clock: Timestamp,
    paused: Duration,
    /// Set if an escalation may have brought the estimate forward since it was last recalculated.
    brought_forward: bool,
}

impl History {
    fn new(customer_type: CustomerType, urgency: Urgency) -> Self {
        let case = case_of(customer_type, urgency);
        Self { case, clock: opening(), paused: Duration::ZERO, brought_forward: false }
    }

    /// Executes a step and checks it. Returns whether the case changed, or why the step was
    /// rejected.
    fn take(&mut self, step: &Step) -> Result<bool, String> {
        self.clock = Timestamp::from_millis(self.clock.as_millis() + step.advance);
        let stamp = match step.actor {
            // Mostly those who may reply.
            1 | 2 if matches!(step.command, Command::Reply { .. }) => by_customer(self.clock),
            0 => by_customer(self.clock),
            1 => by_system(self.clock),
            2 => by(&bob(), self.clock),
            _ => by_staff(self.clock),
        };
        let before = self.case.clone();
        let outcome = execute(&self.case, &step.command, stamp.clone());
        assert_eq!(self.case, before, "a decision must not change the original case");
        let Some(Decision { case, event }) = outcome? else { return Ok(false) };

        let (from, to) = (before.facts(), case.facts());
        let is_automatic = matches!(step.command, Command::ProcessDueCase);
        assert_eq!(event.actor, if is_automatic { Actor::System } else { stamp.actor });
        assert_eq!(event.timestamp, self.clock.max(from.last_activity));
        check_history(from, to, &event);
        check_lifecycle(from, to, &event);
        check_urgency(from, to, &event);
        check_customer(from, to, &event, &step.command);
        self.check_timers(from, to, &event, &step.command);
        check_targets(from, to, &event, &step.command);
        self.case = case;
        Ok(true)
    }

    fn check_timers(&mut self, from: &CaseFacts, to: &CaseFacts, event: &Event, did: &Command) {
        assert!(to.last_activity >= from.last_activity && to.status_since >= from.status_since);
        assert!(to.last_updated >= from.last_updated && to.last_updated <= to.last_activity);
        assert_eq!(to.last_activity, event.timestamp);
        let is_seen = event.visibility == Visibility::Public
            || from.status != to.status
            || from.urgency != to.urgency
            || from.estimated_resolution != to.estimated_resolution
            || (&from.subject, &from.message) != (&to.subject, &to.message);
        assert_eq!(to.last_updated, if is_seen { event.timestamp } else { from.last_updated });

        assert!(to.paused >= from.paused);
        let was_paused =
            matches!(from.status, Status::WaitingOnCustomer | Status::OnHold | Status::Resolved);
        if was_paused && to.status != from.status {
            self.paused += event.timestamp.since(from.status_since);
        }
        assert_eq!(to.paused, self.paused);

        let is_escalation = matches!(did, Command::Escalate(_));
        let is_proof = matches!(did, Command::Prove(_));
        let is_recount = to.estimated_resolution != from.estimated_resolution
            && matches!(did, Command::Correct(_));
        assert!(
            to.estimated_resolution >= from.estimated_resolution
                || is_escalation
                || is_recount
                || is_proof
        );
        self.brought_forward = is_escalation || is_proof || (self.brought_forward && !is_recount);
        let target = to.service_target(&policies().sla);
        let undisturbed = to.created_at.plus(target.resolution).plus(self.paused);
        if !self.brought_forward {
            assert_eq!(to.estimated_resolution, undisturbed);
        }
        if is_escalation {
            let moved_out = from.estimated_resolution.plus(to.paused.saturating_sub(from.paused));
            let earliest = moved_out.min(event.timestamp.plus(target.resolution));
            assert_eq!(to.estimated_resolution, earliest);
            let answer_due = event.timestamp.plus(target.first_response);
            let owed = from.first_response.is_none() && from.first_response_ended_at.is_none();
            let answer_due = if owed { answer_due } else { from.first_response_due };
            assert_eq!(to.first_response_due, from.first_response_due.min(answer_due));
        }
        if is_escalation && event.actor == Actor::Customer {
            let waited = from.customer_escalated_at.map(|last| event.timestamp.since(last));
            assert!(waited.is_none_or(|waited| waited >= minutes(5)), "within the cool-down");
            assert_eq!(to.customer_escalated_at, Some(event.timestamp));
        } else {
            assert_eq!(to.customer_escalated_at, from.customer_escalated_at);
        }
        if matches!(did, Command::Reply { .. }) && from.status == Status::Resolved {
            assert!(event.timestamp.since(from.status_since) <= days(7), "reopened too late");
        }

        let answered =
            event.public_update().is_some_and(|update| update.author.staff_id().is_some());
        let first = from.first_response.or(answered.then_some(event.timestamp));
        assert_eq!(to.first_response, first);
        let ends = first.is_none() && !to.status.is_active();
        let ended = from.first_response_ended_at.or(ends.then_some(event.timestamp));
        assert_eq!(to.first_response_ended_at, ended);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_rules_hold_after_every_change((customer_type, urgency, steps) in steps()) {
        let mut history = History::new(customer_type, urgency);
        for step in &steps {
            let _refused_or_taken = history.take(step);
        }
    }
}

/// Guards against the test above generating sequences that change nothing.
#[test]
fn the_random_commands_reach_every_status_every_level_and_every_refusal() {
    let mut runner = TestRunner::new(config());
    let (mut statuses, mut levels, mut refusals) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut taken, mut unchanged) = (0_u32, 0_u32);
    let (mut alerts, mut closed) = (BTreeSet::new(), 0_u32);
    let (mut entitled, mut unproven) = (0_u32, 0_u32);
    for _ in 0..1024 {
        let (customer_type, urgency, steps) = steps().new_tree(&mut runner).unwrap().current();
        let mut history = History::new(customer_type, urgency);
        for step in &steps {
            let before = history.case.facts().clone();
            match history.take(step) {
                Ok(true) => taken += 1,
                Ok(false) => unchanged += 1,
                Err(refusal) => {
                    refusals.insert(refusal);
                }
            }
            let after = history.case.facts();
            alerts.insert((after.first_response_alert, after.resolution_alert));
            let by_itself =
                matches!(step.command, Command::ProcessDueCase) && after.status != before.status;
            closed += u32::from(by_itself);
            entitled += u32::from(after.entitlement > before.entitlement);
            unproven += u32::from(before.is_customer_proven() && !after.is_customer_proven());
            statuses.insert(history.case.status());
            levels.insert(history.case.facts().escalation_level);
        }
    }
    assert_eq!((statuses.len(), levels.len()), (7, 4));
    assert!(alerts.len() >= 6, "{alerts:?}");
    assert!(closed > 5, "{closed} closed automatically");
    assert!(entitled > 50 && unproven > 10, "{entitled} were entitled, {unproven} not any more");
    assert!(taken > 1000 && unchanged > 100, "{taken} changes, {unchanged} that change nothing");
    for part in [
        "only staff may make this change",
        "only the customer may make this change",
        "cannot become",
        "Only an active case can be escalated",
        "no longer be assigned",
        "accepts only internal notes",
        "no longer accepts replies",
        "unless files are attached",
        "many replies in a short time",
        "no longer be corrected",
        "must not be removed unless there is a phone",
        "must be given, unless",
        "must not be lower",
        "a short while ago",
        "gone is no longer active",
    ] {
        assert!(refusals.iter().any(|refusal| refusal.contains(part)), "{part}");
    }
    let reopening = "A case that is RESOLVED no longer accepts replies; open a new case instead.";
    assert!(refusals.contains(reopening));
}
