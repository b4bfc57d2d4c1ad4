use std::sync::Arc;

use engage_application::{
    CaseError, ChangeOptions, ChangeOutcome, OpenCaseByStaff, OpenCaseByStaffError, Requester,
    StaffOpenCommand,
};
use engage_domain::{Actor, FirstMessageBy, Source, StaffMember, Status};
use engage_repository::{
    MockCaseNumbers, MockCaseRepository, MockStaffRepository, RepositoryError, UniqueConstraint,
};
use engage_testkit::builders::{a_new_case, monday};
use mockall::predicate::eq;

use crate::setup::{
    Setup, a_colleague, a_setup, announcements, assert_unavailable, attachments, made,
    no_connection, taking_one_commit, the_one,
};

fn request() -> StaffOpenCommand {
    StaffOpenCommand::new(a_new_case())
}

fn to(member: &StaffMember) -> StaffOpenCommand {
    StaffOpenCommand { assigned_to: Some(member.id.clone()), ..request() }
}

/// Numbers of which the first is drawn this often.
fn drawing(times: usize) -> Arc<MockCaseNumbers> {
    let mut numbers = MockCaseNumbers::new();
    numbers.expect_draw().times(times).returning(|_| Ok(1));
    Arc::new(numbers)
}

/// Staff of whom this member is looked up this often.
fn staff_with(member: &StaffMember, times: usize) -> MockStaffRepository {
    let (mut staff, found) = (MockStaffRepository::new(), member.clone());
    staff
        .expect_find_staff()
        .with(eq(member.id.clone()))
        .times(times)
        .returning(move |_| Ok(Some(found.clone())));
    staff
}

async fn open(
    setup: Setup,
    staff: MockStaffRepository,
    request: &StaffOpenCommand,
) -> Result<ChangeOutcome, CaseError<OpenCaseByStaffError>> {
    let eve = a_colleague("eve");
    let requester = Requester::Staff { member: eve.to_ref(), authority: None };
    OpenCaseByStaff::new(Arc::new(setup.changes()), Arc::new(staff), attachments())
        .execute(requester, request, &eve.id, &ChangeOptions::default())
        .await
}

#[tokio::test]
async fn a_case_is_opened_in_the_name_of_the_member() {
    let (cases, committed) = taking_one_commit();
    let setup = Setup { numbers: drawing(1), ..a_setup(cases) };
    let changed = made(open(setup, MockStaffRepository::new(), &request()).await);
    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_eq!(change_set.event.actor, Actor::Staff(a_colleague("eve").to_ref()));
    let facts = changed.case.facts();
    assert_eq!((facts.source, facts.status), (Source::Staff, Status::Open));
    assert_eq!((facts.created_at, facts.first_response), (monday(), None));
    let told = announcements(&change_set);
    assert_eq!(told[0], "case-opened-customer john@example.com");
    assert_eq!(told[1], "case-assigned-staff team@desk.example");
}

#[tokio::test]
async fn the_assignee_and_the_team_are_told_and_the_customer_only_if_wanted() {
    for notify_customer in [true, false] {
        let (cases, committed) = taking_one_commit();
        let setup = Setup { numbers: drawing(1), ..a_setup(cases) };
        let ben = a_colleague("ben");
        let request = StaffOpenCommand { notify_customer, ..to(&ben) };
        let changed = made(open(setup, staff_with(&ben, 1), &request).await);
        assert_eq!(changed.case.facts().assignee(), Some(&ben.id));
        assert_eq!(changed.case.status(), Status::InProgress);
        let told = announcements(&the_one(&committed));
        let is_told = |message: &str| told.iter().any(|one| one == message);
        assert_eq!(is_told("case-opened-customer john@example.com"), notify_customer, "{told:?}");
        assert!(is_told("case-assigned-staff ben@desk.example"), "{told:?}");
        assert!(is_told("case-assigned-staff team@desk.example"), "{told:?}");
    }
}

#[tokio::test]
async fn a_message_by_staff_is_the_first_response() {
    let (cases, _) = taking_one_commit();
    let setup = Setup { numbers: drawing(1), ..a_setup(cases) };
    let request = StaffOpenCommand { first_message_by: FirstMessageBy::Staff, ..request() };
    let changed = made(open(setup, MockStaffRepository::new(), &request).await);
    assert_eq!(changed.case.facts().first_response, Some(monday()));
    assert_eq!(changed.case.facts().first_message_by, FirstMessageBy::Staff);
}

#[tokio::test]
async fn an_assignee_who_is_unknown_or_has_left_is_refused() {
    let gone = StaffMember { deactivated_at: Some(monday()), ..a_colleague("gone") };
    let mut nobody = MockStaffRepository::new();
    nobody.expect_find_staff().once().returning(|_| Ok(None));
    for (staff, draws) in [(nobody, 0), (staff_with(&gone, 1), 1)] {
        let mut cases = MockCaseRepository::new();
        cases.expect_commit().never();
        let setup = Setup { numbers: drawing(draws), ..a_setup(cases) };
        let refused = open(setup, staff, &to(&gone)).await;
        let Err(CaseError::Refused(OpenCaseByStaffError::StaffNotFound(id))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(id, gone.id);
    }
}

#[tokio::test]
async fn the_assignee_is_read_again_if_the_directory_changed_concurrently() {
    let mut cases = MockCaseRepository::new();
    let mut attempts = 0;
    cases.expect_commit().times(2).returning(move |_| {
        attempts += 1;
        if attempts == 1 { Err(RepositoryError::Outdated) } else { Ok(()) }
    });
    let setup = Setup { numbers: drawing(2), ..a_setup(cases) };
    let ben = a_colleague("ben");
    assert!(open(setup, staff_with(&ben, 2), &to(&ben)).await.is_ok());
}

#[tokio::test]
async fn an_upload_that_another_update_took_meanwhile_is_a_refusal() {
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().once().returning(|_| {
        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment })
    });
    let setup = Setup { numbers: drawing(1), ..a_setup(cases) };
    let refused = open(setup, MockStaffRepository::new(), &request()).await;
    assert!(matches!(refused, Err(CaseError::Refused(OpenCaseByStaffError::UploadTaken))));
}

#[tokio::test]
async fn a_failure_of_storage_is_passed_on() {
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().once().returning(|_| Err(no_connection()));
    let setup = Setup { numbers: drawing(1), ..a_setup(cases) };
    assert_unavailable(&open(setup, MockStaffRepository::new(), &request()).await);
}
