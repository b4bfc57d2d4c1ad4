use std::sync::Arc;
use std::time::Duration;

use engage_application::{CaseError, GetCase};
use engage_domain::Policies;
use engage_domain::priority::{PriorityBreakdown, PriorityPolicy, PriorityWeights};
use engage_domain::sla::SlaTimerState;
use engage_repository::{CaseDetails, MockCaseQueries, UpdatePage, UpdatesWanted};
use engage_testkit::builders::{
    a_case_number, a_staff_member, an_opened, by, escalated, minutes_later,
};
use mockall::predicate::eq;

use crate::setup::{a_clock_at, assert_unavailable, no_connection};

/// A technical issue of a business customer, escalated from high to critical.
fn details() -> CaseDetails {
    let ann = a_staff_member("ann");
    let escalation = escalated(&an_opened(1).case, by(&ann), minutes_later(1));
    CaseDetails {
        case: escalation.case,
        assignee: Some(ann.to_ref()),
        updates: UpdatePage { entries: escalation.event.updates, older: None },
        escalations: Vec::new(),
    }
}

fn knowing(details: CaseDetails) -> Arc<MockCaseQueries> {
    let mut queries = MockCaseQueries::new();
    queries
        .expect_find_case_details()
        .with(eq(a_case_number(1)), eq(UpdatesWanted::LATEST))
        .once()
        .returning(move |_, _| Ok(Some(details.clone())));
    Arc::new(queries)
}

/// Builds the use case, one hour after the case was opened.
fn get_case(queries: Arc<MockCaseQueries>, policies: Policies) -> GetCase {
    GetCase::new(queries, policies, a_clock_at(60))
}

#[tokio::test]
async fn staff_get_the_stored_case_and_the_breakdown_of_its_priority() {
    let get = get_case(knowing(details()), Policies::default());
    let view = get.execute(&a_case_number(1), &UpdatesWanted::LATEST).await.unwrap();
    let expected =
        PriorityBreakdown { urgency: 70, customer_type: 13, issue_type: 8, escalation: 2 };
    assert_eq!(view.priority, expected);
    assert_eq!(view.priority.score(), view.details.case.facts().priority_score);
    assert_eq!(view.details.assignee, Some(a_staff_member("ann").to_ref()));
    assert_eq!(view.details.updates.entries.len(), 1);
}

#[tokio::test]
async fn the_priority_is_explained_by_the_configured_policy() {
    let weights = PriorityWeights {
        urgency: [1, 2, 3, 4],
        customer_type: [5, 6, 7],
        technical: 9,
        escalation_level: 11,
        ..PriorityWeights::default()
    };
    let priority = PriorityPolicy::new(weights).unwrap();
    let policies = Policies { priority, ..Policies::default() };
    let get = get_case(knowing(details()), policies);
    let view = get.execute(&a_case_number(1), &UpdatesWanted::LATEST).await.unwrap();
    let expected =
        PriorityBreakdown { urgency: 4, customer_type: 6, issue_type: 9, escalation: 11 };
    assert_eq!(view.priority, expected);
}

#[tokio::test]
async fn the_timers_show_the_elapsed_time() {
    let get = get_case(knowing(details()), Policies::default());
    let timers = get.execute(&a_case_number(1), &UpdatesWanted::LATEST).await.unwrap().timers;
    // A member of staff escalated it to critical after a minute and gave a reason, which counts as
    // the first response. The resolution is due 8 hours after the escalation.
    assert_eq!(timers.first_response.state, SlaTimerState::Met);
    assert_eq!(timers.resolution.state, SlaTimerState::Pending);
    assert_eq!(timers.resolution.elapsed, Duration::from_hours(1));
    assert_eq!(timers.resolution.target, Duration::from_mins(8 * 60 + 1));
    assert_eq!(timers.resolution.due, Some(minutes_later(8 * 60 + 1)));
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_details().once().returning(|_, _| Ok(None));
    let get = get_case(Arc::new(queries), Policies::default());
    let outcome = get.execute(&a_case_number(9), &UpdatesWanted::LATEST).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(number)) if number == a_case_number(9)));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_details().once().returning(|_, _| Err(no_connection()));
    let get = get_case(Arc::new(queries), Policies::default());
    assert_unavailable(&get.execute(&a_case_number(1), &UpdatesWanted::LATEST).await);
}
