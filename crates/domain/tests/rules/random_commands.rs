//! Invariants that hold after every change in random sequences of commands, actors and times.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::case::{Assignment, EscalationPolicy, ReplyPolicy};
use engage_domain::event::Change;
use engage_domain::sla::{ServiceAlert, SlaTimerKind, SlaTimerState};
use engage_domain::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::support::*;

#[derive(Debug, Clone)]
enum Command {
    Update { status: Option<Status>, visibility: Visibility, message: bool, file: bool },
    Escalate(Option<Urgency>),
    Assign { to: Option<usize>, department: Option<usize>, notes: bool },
    Cancel,
    Reply { message: bool, file: bool },
    Correct(CorrectRequest),
    ProcessDueCase,
}

#[derive(Debug, Clone)]
struct Step {
    command: Command,
    actor: usize,
    /// Milliseconds by which the clock moves before the command.
    advance: i64,
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn command() -> impl Strategy<Value = Command> {
    let status = prop::option::weighted(0.8, one_of(Status::ALL));
    let update = (status, one_of(Visibility::ALL), any::<bool>(), prop::bool::weighted(0.1));
    let assign = (prop::option::weighted(0.8, 0..4_usize), prop::option::of(0..2_usize));
    let correction = (
        prop::option::of(one_of(Urgency::ALL)),
        prop::option::of(one_of(IssueType::ALL)),
        prop::option::of(one_of(CustomerType::ALL)),
    );
    prop_oneof![
        6 => update.prop_map(|(status, visibility, message, file)| {
            Command::Update { status, visibility, message, file }
        }),
        3 => prop::option::of(one_of(Urgency::ALL)).prop_map(Command::Escalate),
        3 => (assign, any::<bool>()).prop_map(|((to, department), notes)| {
            Command::Assign { to, department, notes }
        }),
        1 => Just(Command::Cancel),
        3 => (prop::bool::weighted(0.8), prop::bool::weighted(0.3))
            .prop_map(|(message, file)| Command::Reply { message, file }),
        3 => Just(Command::ProcessDueCase),
        2 => correction.prop_map(|(urgency, issue_type, customer_type)| {
            Command::Correct(CorrectRequest { urgency, issue_type, customer_type })
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    const HOUR: i64 = 3_600_000;
    let advance = prop_oneof![Just(0), 0..10 * 60_000_i64, -HOUR..0, 0..HOUR, 0..10 * 24 * HOUR];
    (command(), 0..4_usize, advance).prop_map(|(command, actor, advance)| Step {
        command,
        actor,
        advance,
    })
}

fn steps() -> impl Strategy<Value = (CustomerType, Urgency, Vec<Step>)> {
    (one_of(CustomerType::ALL), one_of(Urgency::ALL), prop::collection::vec(step(), 1..50))
}

/// Default rules, except that each missed target raises the level and a case accepts two replies an
/// hour.
fn policies() -> Policies {
    let escalation = EscalationPolicy { raise_on_breach: true, ..EscalationPolicy::default() };
    let replies = ReplyPolicy { most: NonZeroU32::new(2).unwrap(), ..ReplyPolicy::default() };
    Policies { escalation, replies, ..Policies::default() }
}

/// Every run generates the same sequences, so that failures are reproducible.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_250_127),
        ..ProptestConfig::default()
    }
}

/// Returns the decision, `None` if nothing changes, or the text of the error.
fn execute(case: &Case, command: &Command, stamp: Stamp) -> Result<Option<Decision>, String> {
    let policies = policies();
    let refusal = |refusal: &dyn std::error::Error| refusal.to_string();
    match command.clone() {
        Command::Update { status, visibility, message, file } => {
            let request = UpdateRequest {
                message: message.then(|| text("A message.")),
                visibility,
                status_change: status,
                attachments: if file { vec![attachment()] } else { vec![] },
            };
            case.update(request, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::Escalate(new_urgency) => case
            .escalate(escalate_to(new_urgency), &policies, stamp)
            .map(Some)
            .map_err(|e| refusal(&e)),
        Command::Assign { to, department, notes } => {
            let request = AssignRequest {
                to: to.map(|index| (&[jane(), bob(), floater(), inactive()][index]).into()),
                department: department.map(|index| text(["Billing", "Night Shift"][index])),
                notes: notes.then(|| text("A note.")),
            };
            case.assign(request, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::Cancel => {
            case.cancel(text("No need."), &policies, stamp).map(Some).map_err(|e| refusal(&e))
        }
        Command::Reply { message, file } => {
            let reply = ReplyRequest {
                message: message.then(|| text("An answer.")),
                attachments: if file { vec![attachment()] } else { vec![] },
            };
            case.reply(reply, &policies, stamp).map(Some).map_err(|e| refusal(&e))
        }
        Command::Correct(correction) => {
            case.correct(correction, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::ProcessDueCase => Ok(case.apply_due_action(&policies, stamp)),
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
            || from.estimated_resolution != to.estimated_resolution;
        assert_eq!(to.last_updated, if is_seen { event.timestamp } else { from.last_updated });

        assert!(to.paused >= from.paused);
        let was_paused =
            matches!(from.status, Status::WaitingOnCustomer | Status::OnHold | Status::Resolved);
        if was_paused && to.status != from.status {
            self.paused += event.timestamp.since(from.status_since);
        }
        assert_eq!(to.paused, self.paused);

        let is_escalation = matches!(did, Command::Escalate(_));
        let is_recount = to.estimated_resolution != from.estimated_resolution
            && matches!(did, Command::Correct(_));
        assert!(
            to.estimated_resolution >= from.estimated_resolution || is_escalation || is_recount
        );
        self.brought_forward = is_escalation || (self.brought_forward && !is_recount);
        let target = policies().sla.target(to.customer.customer_type, to.urgency);
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

/// Checks that the next due time is known and that no alert is raised twice or for a stopped timer.
fn check_targets(from: &CaseFacts, to: &CaseFacts, event: &Event, did: &Command) {
    let policies = policies();
    assert_eq!(to.next_action_at, policies.next_action_at(to));
    let (before, after) =
        (policies.sla.timers(from, event.timestamp), policies.sla.timers(to, event.timestamp));
    for (reading, alert) in
        [(after.first_response, to.first_response_alert), (after.resolution, to.resolution_alert)]
    {
        let millis = |part: Duration| i128::try_from(part.as_millis()).unwrap();
        let left = millis(reading.target) - millis(reading.elapsed);
        assert_eq!(reading.remaining.as_millis(), left);
        assert!(alert != Some(ServiceAlert::Breach) || reading.state == SlaTimerState::Breached);
        assert!(alert.is_none() || reading.state != SlaTimerState::Pending);
    }
    let is_awaited = to.first_response.is_none() && to.first_response_ended_at.is_none();
    let is_told = matches!(&event.kind, EventKind::Overdue(told) if told.clock == SlaTimerKind::FirstResponse);
    assert!(is_awaited || !is_told, "the customer no longer waits for a first response");
    match &event.kind {
        EventKind::Overdue(overdue) => {
            assert!(matches!(did, Command::ProcessDueCase));
            assert_eq!((event.visibility, &event.updates[..]), (Visibility::Internal, &[][..]));
            let (told, now, before, clock) = match overdue.clock {
                SlaTimerKind::FirstResponse => {
                    let told = (from.first_response_alert, to.first_response_alert);
                    (told.0, told.1, before.first_response, after.first_response)
                }
                SlaTimerKind::Resolution => {
                    let told = (from.resolution_alert, to.resolution_alert);
                    (told.0, told.1, before.resolution, after.resolution)
                }
            };
            assert!(told < now && now == Some(overdue.alert));
            assert!(!matches!(before.state, SlaTimerState::Met | SlaTimerState::Cancelled));
            assert_eq!(
                clock.state == SlaTimerState::Breached,
                overdue.alert == ServiceAlert::Breach
            );
        }
        _ if matches!(did, Command::Correct(_)) => {
            assert!(to.first_response_alert <= from.first_response_alert);
            assert!(to.resolution_alert <= from.resolution_alert);
        }
        _ => {
            assert_eq!(to.first_response_alert, from.first_response_alert);
            assert_eq!(to.resolution_alert, from.resolution_alert);
        }
    }
    if matches!(did, Command::ProcessDueCase) && to.status != from.status {
        assert_eq!((from.status, to.status), (Status::Resolved, Status::Closed));
        assert!(event.timestamp.since(from.status_since) > days(7), "closed too soon");
    }
}

/// Checks that the event is complete: applying its changes to the old state yields the new one.
fn check_history(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    assert_eq!((event.sequence, to.version), (to.version, from.version.next()));
    let mut replayed = CaseFacts {
        version: to.version,
        last_activity: to.last_activity,
        last_updated: to.last_updated,
        customer_escalated_at: to.customer_escalated_at,
        counted_replies: to.counted_replies,
        customer_file_bytes: to.customer_file_bytes,
        first_response_ended_at: to.first_response_ended_at,
        paused: to.paused,
        next_action_at: to.next_action_at,
        ..from.clone()
    };
    macro_rules! set {
        ($property:expr, $from:expr, $to:expr) => {{
            assert_ne!($from, $to);
            assert_eq!($property, *$from);
            $property = $to.clone();
        }};
    }
    for change in &event.changes {
        match change {
            Change::Status { from, to } => {
                set!(replayed.status, from, to);
                replayed.status_since = event.timestamp;
            }
            Change::Urgency { from, to } => set!(replayed.urgency, from, to),
            Change::CustomerType { from, to } => set!(replayed.customer.customer_type, from, to),
            Change::IssueType { from, to } => set!(replayed.issue_type, from, to),
            Change::EscalationLevel { from, to } => set!(replayed.escalation_level, from, to),
            Change::PriorityScore { from, to } => set!(replayed.priority_score, from, to),
            Change::AssignedTo { from, to } => {
                assert_ne!(from, to);
                assert_eq!(replayed.assignee(), from.as_ref());
                let assigned_at = event.timestamp;
                replayed.assignment =
                    to.clone().map(|assigned_to| Assignment { assigned_to, assigned_at });
            }
            Change::Department { from, to } => set!(replayed.department, from, to),
            Change::FirstResponse { from, to } => set!(replayed.first_response, from, to),
            Change::FirstResponseDue { from, to } => set!(replayed.first_response_due, from, to),
            Change::EstimatedResolution { from, to } => {
                set!(replayed.estimated_resolution, from, to);
            }
            Change::FirstResponseAlert { from, to } => {
                set!(replayed.first_response_alert, from, to);
            }
            Change::ResolutionAlert { from, to } => set!(replayed.resolution_alert, from, to),
        }
    }
    assert_eq!(&replayed, to);
}

fn check_lifecycle(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    use Status::{Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer};
    let legal = match from.status {
        Open | InProgress => to.status != Closed,
        WaitingOnCustomer | OnHold => !matches!(to.status, Open | Closed),
        Resolved => matches!(to.status, Resolved | InProgress | Closed),
        Closed | Cancelled => to.status == from.status,
    };
    assert!(legal, "{} became {}", from.status, to.status);
    assert!(to.status != Open || to.assignment.is_none());
    if matches!(from.status, Closed | Cancelled) {
        assert_eq!((event.event_type(), &event.changes[..]), (EventType::Updated, &[][..]));
        assert!(event.updates.iter().all(|update| update.visibility == Visibility::Internal));
    }
    let is_cancelled = to.status == Cancelled && from.status != Cancelled;
    assert_eq!(is_cancelled, event.event_type() == EventType::Cancelled);
    let reassigned = event.assignee_change().is_some() || from.department != to.department;
    assert_eq!(reassigned && !is_cancelled, event.event_type() == EventType::Assigned);
    assert!(event.visibility == Visibility::Public || event.public_update().is_none());
}

fn check_urgency(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    let score = policies().explain_priority(to).score();
    assert_eq!(to.priority_score, score);
    assert!(score.get() <= 100);
    assert!(to.escalation_level >= from.escalation_level && to.escalation_level.get() <= 3);
    if let EventKind::Escalated(escalation) = &event.kind {
        assert!(to.urgency >= from.urgency);
        assert_eq!(to.escalation_level.get(), (from.escalation_level.get() + 1).min(3));
        assert_eq!(
            (escalation.previous_urgency, escalation.new_urgency, escalation.level),
            (from.urgency, to.urgency, to.escalation_level)
        );
        assert!(matches!(to.status, Status::Open | Status::InProgress));
    } else if let Some(escalation) = event.kind.escalation() {
        assert!(from.status.is_active());
        assert_eq!(
            (escalation.previous_urgency, escalation.new_urgency),
            (from.urgency, to.urgency)
        );
        assert_eq!((from.urgency, escalation.level), (to.urgency, from.escalation_level.raised()));
        assert_eq!(to.escalation_level, escalation.level);
    } else {
        assert_eq!(to.escalation_level, from.escalation_level);
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
    for _ in 0..256 {
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
            statuses.insert(history.case.status());
            levels.insert(history.case.facts().escalation_level);
        }
    }
    assert_eq!((statuses.len(), levels.len()), (7, 4));
    assert!(alerts.len() >= 6, "{alerts:?}");
    assert!(closed > 5, "{closed} closed automatically");
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
