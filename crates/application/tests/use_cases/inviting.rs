//! The limit on new addresses that a customer adds.

use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessMode, CaseError, ChangeOptions, ChangeOutcome, InviteError, ManageParticipants,
    NewParticipants, Proof, RefusedParticipants,
};
use engage_domain::{Actor, Case};
use engage_repository::{AccessGeneration, Admission, MockBudgetRepository, MockStaffRepository};
use engage_testkit::builders::{a_case_number, an_opened, joined, minutes_later, monday};
use engage_testkit::use_cases::case_changes_with;
use engage_testkit::{FakeCases, SequentialIds};

use crate::setup::{an_authorizer, made, tokens};

/// Lets somebody with a token add an address, with budgets that answer as given.
async fn invite(
    cases: &FakeCases,
    budgets: MockBudgetRepository,
    proof: Proof,
    email: &str,
) -> Result<ChangeOutcome, CaseError<InviteError>> {
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff_by_email().returning(|_| Ok(None));
    let changes = case_changes_with(cases, |ports, _| {
        ports.authorizer = an_authorizer(AccessMode::Token);
    });
    let new = NewParticipants::new(Arc::new(budgets), 50);
    let refused = RefusedParticipants::from_iter(["press@x.example".parse().unwrap()]);
    let ids = Arc::new(SequentialIds::new());
    let manage = ManageParticipants::new(changes, Arc::new(staff), ids, refused, new);
    let person = (email.parse().unwrap(), None);
    manage.invite(a_case_number(1), proof, person, ChangeOptions::default()).await
}

fn held(case: Case) -> (FakeCases, Proof) {
    let cases = FakeCases::default();
    let token = tokens().issue(case.facts().id, AccessGeneration::default(), monday());
    cases.add(case);
    (cases, Proof { token: Some(token), ..Proof::default() })
}

fn never() -> MockBudgetRepository {
    MockBudgetRepository::new()
}

#[tokio::test]
async fn a_new_address_counts_against_the_budget_of_its_customer() {
    let (cases, proof) = held(an_opened(1).case);
    let mut budgets = MockBudgetRepository::new();
    let is_sound = |budget: &engage_repository::Budget| {
        budget.most == 50 && budget.within == Duration::from_hours(24) && budget.share.is_none()
    };
    budgets
        .expect_take()
        .withf(move |once, budget| *once != budget.key && is_sound(budget))
        .once()
        .returning(|_, _| Ok(Admission::Granted));
    made(invite(&cases, budgets, proof, "ann@x.example").await);
    assert_eq!(cases.commits().len(), 1);
}

#[tokio::test]
async fn a_change_that_lost_a_race_counts_the_same_use_again() {
    let (cases, proof) = held(an_opened(1).case);
    cases.lose_next_race();
    let mut budgets = MockBudgetRepository::new();
    let mut seen = None;
    budgets.expect_take().times(2).returning(move |once, budget| {
        assert_eq!(*seen.get_or_insert((once, budget.key)), (once, budget.key));
        Ok(Admission::Granted)
    });
    made(invite(&cases, budgets, proof, "ann@x.example").await);
}

#[tokio::test]
async fn nothing_is_added_beyond_the_limit() {
    let (cases, proof) = held(an_opened(1).case);
    let mut budgets = MockBudgetRepository::new();
    let free_in = Duration::from_mins(90);
    budgets.expect_take().once().returning(move |_, _| Ok(Admission::Exhausted { free_in }));
    let refused = invite(&cases, budgets, proof, "ann@x.example").await;
    let expected = InviteError::TooManyNew { retry_after: free_in };
    assert!(
        matches!(&refused, Err(CaseError::Refused(error)) if *error == expected),
        "{refused:?}"
    );
    assert!(cases.commits().is_empty());
}

#[tokio::test]
async fn what_adds_nobody_counts_nothing() {
    let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
    for email in ["ann@x.example", "press@x.example", "noreply@x.example", "john@example.com"] {
        let (cases, proof) = held(case.clone());
        // A participant is not the customer.
        let ann = case.facts().participants[0].id;
        let of_ann = tokens().issue_to_participant(
            case.facts().id,
            ann,
            AccessGeneration::default(),
            monday(),
        );
        let of_ann = Proof { token: Some(of_ann), ..Proof::default() };
        let refused = invite(&cases, never(), of_ann, "new@x.example").await;
        assert!(matches!(refused, Err(CaseError::Refused(InviteError::Refused(_)))), "{refused:?}");
        drop(invite(&cases, never(), proof, email).await);
        assert!(cases.commits().is_empty(), "{email}");
    }
}
