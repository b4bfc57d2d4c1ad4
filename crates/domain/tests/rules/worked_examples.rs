//! The table of worked examples in `docs/case-management.md`.

use ServiceAlert::Warning;
use SlaTimerKind::{FirstResponse, Resolution};
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::*;

use crate::alerts::{pass, told};
use crate::support::*;

fn opened(policies: &Policies, at: &str) -> Case {
    let stamp = by_customer(text(at));
    Case::open(CaseId::from_u128(1), text("CW-2025-001"), new_case(), policies, stamp).case
}

fn become_(policies: &Policies, case: &Case, status: Status, at: &str) -> Case {
    case.update(status_change(status), policies, by_staff(text(at))).unwrap().unwrap().case
}

/// Waiting for the customer from Monday 13:00 to Tuesday 10:30. Alerts about the first response
/// were raised in the meantime.
fn waited(policies: &Policies) -> Case {
    let case = opened(policies, "2025-01-27T10:00:00Z");
    let case = become_(policies, &case, Status::WaitingOnCustomer, "2025-01-27T12:00:00Z");
    let case = pass(policies, &case, "2025-01-27T23:00:00Z").0;
    become_(policies, &case, Status::InProgress, "2025-01-28T09:30:00Z")
}

/// On hold since Tuesday 10:00. Alerts about the first response were raised before.
fn held(policies: &Policies) -> Case {
    let case = opened(policies, "2025-01-24T14:00:00Z");
    let case = pass(policies, &case, "2025-01-28T08:00:00Z").0;
    become_(policies, &case, Status::OnHold, "2025-01-28T09:00:00Z")
}

/// The same case, escalated on Wednesday at 12:00.
fn escalated(policies: &Policies) -> Case {
    let stamp = by_customer(text("2025-01-29T11:00:00Z"));
    held(policies).escalate(escalate_to(Some(Urgency::Critical)), policies, stamp).unwrap().case
}

/// Returns the warnings raised from now on and when.
fn warnings(policies: &Policies, mut case: Case) -> Vec<(SlaTimerKind, Timestamp)> {
    let mut warned = Vec::new();
    while let Some(at) = case.facts().next_action_at {
        let Decision { case: next, event } =
            case.apply_due_action(policies, by_system(at)).unwrap();
        if let (clock, Warning) = told(&event) {
            warned.push((clock, at));
        }
        case = next;
    }
    warned
}

/// Checks when each target is due and when staff are warned. The warning about the first response
/// is `None` if it was raised before the example ends.
#[test]
fn the_worked_examples_of_the_documentation_are_correct() {
    let (always, office) = (Policies::default(), office());
    let resumed = become_(&office, &held(&office), Status::InProgress, "2025-01-30T09:00:00Z");
    for (policies, case, response, response_warned, resolution, resolution_warned) in [
        (
            &always,
            opened(&always, "2025-01-27T10:00:00Z"),
            "2025-01-27T14:00:00Z",
            Some("2025-01-27T13:00:00Z"),
            "2025-01-29T10:00:00Z",
            "2025-01-28T22:00:00Z",
        ),
        (
            &always,
            waited(&always),
            "2025-01-27T14:00:00Z",
            None,
            "2025-01-30T07:30:00Z",
            "2025-01-29T19:30:00Z",
        ),
        (
            &office,
            opened(&office, "2025-01-24T14:00:00Z"),
            "2025-01-27T10:00:00Z",
            Some("2025-01-27T09:00:00Z"),
            "2025-02-03T14:00:00Z",
            "2025-01-31T10:00:00Z",
        ),
        (
            &office,
            resumed,
            "2025-01-27T10:00:00Z",
            None,
            "2025-02-05T14:00:00Z",
            "2025-02-04T10:00:00Z",
        ),
        (
            &office,
            escalated(&office),
            "2025-01-27T10:00:00Z",
            None,
            "2025-01-30T11:00:00Z",
            "2025-01-29T14:15:00Z",
        ),
        (
            &office,
            opened(&office, "2025-03-28T14:00:00Z"),
            "2025-03-31T09:00:00Z",
            Some("2025-03-31T08:00:00Z"),
            "2025-04-07T13:00:00Z",
            "2025-04-04T09:00:00Z",
        ),
        (
            &office,
            opened(&office, "2025-10-24T13:00:00Z"),
            "2025-10-27T10:00:00Z",
            Some("2025-10-27T09:00:00Z"),
            "2025-11-03T14:00:00Z",
            "2025-10-31T10:00:00Z",
        ),
        (
            &office,
            opened(&office, "2025-04-30T14:00:00Z"),
            "2025-05-02T10:00:00Z",
            Some("2025-05-02T09:00:00Z"),
            "2025-05-09T14:00:00Z",
            "2025-05-08T10:00:00Z",
        ),
    ] {
        let facts = case.facts().clone();
        assert_eq!(facts.first_response_due, text(response));
        assert_eq!(facts.estimated_resolution, text(resolution));
        let warned = warnings(policies, case);
        let expected = response_warned.map(|at| (FirstResponse, text(at))).into_iter();
        let expected = expected.chain([(Resolution, text(resolution_warned))]);
        assert_eq!(warned, expected.collect::<Vec<_>>(), "opened at {}", facts.created_at);
    }
}
