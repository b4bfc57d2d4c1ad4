use std::sync::Arc;

use engage_application::{AssignCase, AssignCaseError, AssignCommand, CaseError, Changed};
use engage_domain::case::{Action, InvalidTransition};
use engage_domain::{StaffMember, Status};
use engage_notifier::Snapshot;
use engage_repository::{MockCaseRepository, MockStaffRepository, StoredCase};
use engage_testkit::builders::{a_case_number, an_opened, cancelled, minutes_later};
use mockall::predicate::eq;

use crate::setup::{
    a_colleague, announcements, assert_announced, assert_follows, assert_unavailable, by_member,
    changes, held_by, holding, holding_for_good, holding_nothing, no_connection, out_of_reach,
    the_one, unassigned,
};

fn to(id: &str) -> AssignCommand {
    AssignCommand { staff_id: Some(id.parse().unwrap()), department: None, notes: None }
}

fn to_nobody() -> AssignCommand {
    AssignCommand { staff_id: None, department: None, notes: None }
}

/// Expects a single look-up of the member.
fn staff_with(member: &StaffMember) -> Arc<MockStaffRepository> {
    let mut staff = MockStaffRepository::new();
    let found = member.clone();
    staff
        .expect_find_staff()
        .with(eq(member.id.clone()))
        .once()
        .returning(move |_| Ok(Some(found.clone())));
    Arc::new(staff)
}

/// Fails the test if a member is looked up.
fn no_staff() -> Arc<MockStaffRepository> {
    Arc::new(MockStaffRepository::new())
}

async fn assign(
    cases: MockCaseRepository,
    staff: Arc<MockStaffRepository>,
    request: AssignCommand,
) -> Result<Changed, CaseError<AssignCaseError>> {
    let outcome = AssignCase::new(changes(cases), staff)
        .execute(by_member(1, &a_colleague("eve")), request)
        .await?;
    Ok(outcome.into_changed().expect("a change without a key cannot be a repetition"))
}

#[tokio::test]
async fn the_first_assignee_of_a_case_is_notified() {
    let stored = unassigned();
    let (cases, committed) = holding(stored.clone());
    let ben = a_colleague("ben");
    let changed = assign(cases, staff_with(&ben), to("ben")).await.unwrap();

    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_eq!(changed.event.as_ref(), Some(&change_set.event));
    assert_follows(&change_set, &stored.case);
    assert_eq!(changed.case.facts().assignee(), Some(&ben.id));
    assert_eq!(change_set.event.actor.staff_id(), Some(&a_colleague("eve").id));
    assert_announced(&change_set, Some(&ben), None);
    assert_eq!(announcements(&change_set)[0], "case-assigned-staff ben@desk.example");
}

#[tokio::test]
async fn a_reassignment_notifies_the_new_and_the_previous_assignee() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let ben = a_colleague("ben");
    assign(cases, staff_with(&ben), to("ben")).await.unwrap();

    let change_set = the_one(&committed);
    assert_announced(&change_set, Some(&ben), stored.assignee.as_ref());
    let messages = announcements(&change_set);
    assert_eq!(messages[0], "case-assigned-staff ben@desk.example");
    assert_eq!(messages[1], "case-reassigned-staff ann@desk.example");
    let snapshot: Snapshot = serde_json::from_str(&change_set.snapshot).unwrap();
    assert_eq!(snapshot.data.case.assignment.assignee_name, Some(ben.name));
}

#[tokio::test]
async fn removing_an_assignment_notifies_the_previous_assignee() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let changed = assign(cases, no_staff(), to_nobody()).await.unwrap();
    assert_eq!(changed.case.facts().assignee(), None);
    let change_set = the_one(&committed);
    assert_announced(&change_set, None, stored.assignee.as_ref());
    assert_eq!(announcements(&change_set)[0], "case-reassigned-staff ann@desk.example");
}

#[tokio::test]
async fn a_department_change_keeps_the_assignee() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let ann = stored.assignee.unwrap();
    let department = Some("Billing".parse().unwrap());
    let notes = Some("An invoice after all.".parse().unwrap());
    let request = AssignCommand { department: department.clone(), notes, ..to("ann") };
    let changed = assign(cases, staff_with(&ann), request).await.unwrap();
    assert_eq!(changed.case.facts().department, department);
    let change_set = the_one(&committed);
    assert_eq!(change_set.event.updates.len(), 2);
    assert_announced(&change_set, Some(&ann), None);
}

#[tokio::test]
async fn an_assignment_that_changes_nothing_is_not_committed() {
    let stored = held_by("ann");
    let cases = holding_for_good(stored.clone());
    let ann = stored.assignee.unwrap();
    let outcome = assign(cases, staff_with(&ann), to("ann")).await;
    assert_eq!(outcome.unwrap(), Changed { case: stored.case, event: None });
}

#[tokio::test]
async fn a_case_cannot_be_assigned_to_an_unknown_member() {
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Ok(None));
    let cases = holding_for_good(unassigned());
    let outcome = assign(cases, Arc::new(staff), to("nobody")).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, AssignCaseError::StaffNotFound("nobody".parse().unwrap()));
}

#[tokio::test]
async fn a_case_cannot_be_assigned_to_a_deactivated_member() {
    let gone = StaffMember { deactivated_at: Some(minutes_later(5)), ..a_colleague("ben") };
    let outcome = assign(holding_for_good(unassigned()), staff_with(&gone), to("ben")).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, AssignCaseError::StaffNotFound(gone.id));
}

#[tokio::test]
async fn a_finished_case_cannot_be_assigned() {
    let case = cancelled(&an_opened(1).case, minutes_later(1)).case;
    let cases = holding_for_good(StoredCase::new(case, None));
    let outcome = assign(cases, staff_with(&a_colleague("ben")), to("ben")).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    let invalid = InvalidTransition { from: Status::Cancelled, action: Action::Assign };
    assert_eq!(refusal, AssignCaseError::InvalidTransition(invalid));
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let outcome = assign(holding_nothing(), no_staff(), to("ben")).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == a_case_number(1)));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    assert_unavailable(&assign(out_of_reach(), no_staff(), to_nobody()).await);

    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Err(no_connection()));
    let cases = holding_for_good(unassigned());
    assert_unavailable(&assign(cases, Arc::new(staff), to("ben")).await);
}
