use std::sync::Arc;
use std::time::Duration;

use engage_application::{OutboxSignal, RecoverAccess, RedeemError};
use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::{
    Actor, Address, Case, CaseId, CorrectRequest, EmailAddress, NotificationId, PersonId, Policies,
    Template,
};
use engage_repository::{
    AccessGeneration, CaseGenerations, CodeLimit, MockAccessRepository, MockCaseRepository,
    NewAccessCode, StoredCase,
};
use engage_testkit::builders::{
    a_case_number, a_new_case_by_phone, a_staff_member, a_stamp, an_opened, by, by_participant,
    corrected, joined, minutes_later, monday, opened,
};
use engage_testkit::use_cases::case_changes;
use engage_testkit::{FakeCases, ManualClock, SequentialIds};
use mockall::predicate::eq;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::setup::{Listener, no_connection, tokens};

const REFUSED_AFTER: Duration = Duration::from_millis(100);

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn recovering(
    case: Option<Case>,
    access: MockAccessRepository,
    outbox_signal: OutboxSignal,
) -> RecoverAccess {
    let for_changes = case.clone();
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().with(eq(a_case_number(1))).returning(move |_| {
        let generations =
            CaseGenerations { customer: AccessGeneration(3), ..CaseGenerations::default() };
        Ok(case.clone().map(|case| StoredCase { generations, ..StoredCase::new(case, None) }))
    });
    let changing = FakeCases::default();
    if let Some(case) = for_changes {
        changing.add(case);
    }
    RecoverAccess {
        cases: Arc::new(cases),
        access: Arc::new(access),
        tokens: tokens(),
        changes: case_changes(&changing),
        clock: Arc::new(ManualClock::new()),
        ids: Arc::new(SequentialIds::new()),
        outbox_signal,
    }
}

/// Accepts codes and sends each to the receiver.
fn taking_codes(outcome: bool) -> (MockAccessRepository, mpsc::UnboundedReceiver<NewAccessCode>) {
    let mut access = MockAccessRepository::new();
    let (sender, codes) = mpsc::unbounded_channel();
    access.expect_add_code().returning(move |code| {
        sender.send(code).unwrap();
        Ok(outcome)
    });
    (access, codes)
}

#[tokio::test(start_paused = true)]
async fn a_code_is_sent_to_the_address_stored_in_the_case() {
    let case = an_opened(1).case;
    let listener = Listener::listen().await;
    let (access, mut codes) = taking_codes(true);
    let recover = recovering(Some(case.clone()), access, listener.outbox_signal.clone());
    recover.request(Some(&a_case_number(1)), &address("JOHN@Example.COM")).await.unwrap();
    let code = codes.recv().await.unwrap();
    assert_eq!(code.case, case.facts().id);
    assert_eq!(code.message.template, Template::CaseAccessCustomer);
    assert_eq!(code.message.address, Address::Email(address("john@example.com")));
    let hour = Duration::from_hours(1);
    assert_eq!(code.limit, CodeLimit { most: 5, within: hour, apart: Duration::from_mins(1) });
    assert_eq!(listener.notifications().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_for_a_code_reveals_nothing_about_the_case() {
    let case = an_opened(1).case;
    let (there, absent) = (Some(case), None);
    let number = a_case_number(1);
    for (case, number, email, is_sent) in [
        (there.clone(), Some(&number), "john@example.com", true),
        (there.clone(), Some(&number), "jane@example.com", false),
        (absent, Some(&number), "john@example.com", false),
        (there, None, "john@example.com", false),
    ] {
        let (access, mut codes) = taking_codes(true);
        let recover = recovering(case, access, OutboxSignal::default());
        let begun_at = Instant::now();
        recover.request(number, &address(email)).await.unwrap();
        assert_eq!(begun_at.elapsed(), REFUSED_AFTER, "{number:?}, {email}");
        drop(recover);
        let sent = timeout(REFUSED_AFTER, codes.recv()).await.unwrap();
        assert_eq!(sent.is_some(), is_sent, "{number:?}, {email}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_code_is_sent_for_a_customer_without_an_address() {
    let case = opened(a_new_case_by_phone(), a_case_number(1), monday()).case;
    for email in ["john@example.com", ABSENT_EMAIL] {
        let (access, mut codes) = taking_codes(true);
        let recover = recovering(Some(case.clone()), access, OutboxSignal::default());
        recover.request(Some(&a_case_number(1)), &address(email)).await.unwrap();
        drop(recover);
        assert_eq!(codes.recv().await, None, "{email}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_does_not_wait_until_the_code_is_stored() {
    let mut access = MockAccessRepository::new();
    access.expect_add_code().returning(|_| Err(no_connection()));
    let recover = recovering(Some(an_opened(1).case), access, OutboxSignal::default());
    recover.request(Some(&a_case_number(1)), &address("john@example.com")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn unavailable_storage_is_reported() {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().returning(|_| Err(no_connection()));
    let recover = recovering(None, MockAccessRepository::new(), OutboxSignal::default());
    let recover = RecoverAccess { cases: Arc::new(cases), ..recover };
    let (number, email) = (a_case_number(1), address("john@example.com"));
    assert!(recover.request(Some(&number), &email).await.is_err());
    let redeemed = recover.redeem(Some(&number), &email, "AAAA-AAAA").await;
    assert!(matches!(redeemed, Err(RedeemError::Repository(_))), "{redeemed:?}");
}

/// Storage of one code of a person of a case, which may be tried.
fn storing(case: CaseId, person: PersonId, code: NotificationId) -> MockAccessRepository {
    let mut access = MockAccessRepository::new();
    access.expect_try_code().returning(move |of, by, valid_for, most| {
        assert_eq!((valid_for, most), (Duration::from_mins(15), 5));
        Ok(((of, by) == (case, person)).then_some(code))
    });
    access
}

#[tokio::test(start_paused = true)]
async fn a_correct_code_is_redeemed_for_a_token_of_the_next_generation() {
    let case = an_opened(1).case;
    let (id, notification) = (case.facts().id, NotificationId::from_u128(9));
    // The code as sent in the email.
    let code = tokens().code(notification).to_string();
    let mut access = storing(id, PersonId::of_customer(id), notification);
    access
        .expect_redeem_code()
        .with(eq(id), eq(PersonId::of_customer(id)), eq(notification))
        .once()
        .returning(|_, _, _| Ok(Some(AccessGeneration(4))));
    let recover = recovering(Some(case.clone()), access, OutboxSignal::default());
    let changing = FakeCases::default();
    changing.add(case);
    let recover = RecoverAccess { changes: case_changes(&changing), ..recover };
    let typed = code.to_lowercase().replace('-', " ");
    let token = recover.redeem(Some(&a_case_number(1)), &address("John@example.com"), &typed).await;
    let expected = tokens().issue(id, AccessGeneration(4), monday());
    assert_eq!(token.unwrap().expose(), expected.expose());
    let proven = changing.case(&a_case_number(1)).unwrap();
    assert!(proven.facts().is_customer_proven(), "the code came to the address");
}

#[tokio::test(start_paused = true)]
async fn a_code_is_worth_nothing_once_the_address_is_another() {
    let case = an_opened(1).case;
    let (id, notification) = (case.facts().id, NotificationId::from_u128(9));
    let code = tokens().code(notification).to_string();
    let access = storing(id, PersonId::of_customer(id), notification);
    let recover = recovering(Some(case.clone()), access, OutboxSignal::default());
    // The correction commits after the case was read and the code was tried.
    let to = CorrectRequest::default().with_email(address("jd@x.example"));
    let changing = FakeCases::default();
    changing.add(corrected(&case, to, by(&a_staff_member("ann")), minutes_later(1)).case);
    let recover = RecoverAccess { changes: case_changes(&changing), ..recover };
    let refused =
        recover.redeem(Some(&a_case_number(1)), &address("john@example.com"), &code).await;
    assert!(matches!(refused, Err(RedeemError::Invalid)), "{refused:?}");
    assert!(changing.commits().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_wrong_request_is_refused_after_the_same_time() {
    let case = an_opened(1).case;
    let (id, notification) = (case.facts().id, NotificationId::from_u128(9));
    let right = tokens().code(notification).to_string();
    let wrong = tokens().code(NotificationId::from_u128(8)).to_string();
    let number = a_case_number(1);
    for (there, number, email, code) in [
        (true, Some(&number), "john@example.com", &*wrong),
        (true, Some(&number), "john@example.com", "nonsense"),
        (true, Some(&number), "jane@example.com", &right),
        (false, Some(&number), "john@example.com", &right),
        (true, None, "john@example.com", &right),
    ] {
        // Redeeming is not allowed.
        let access = storing(id, PersonId::of_customer(id), notification);
        let recover = recovering(there.then(|| case.clone()), access, OutboxSignal::default());
        let begun_at = Instant::now();
        let refused = recover.redeem(number, &address(email), code).await;
        assert!(matches!(refused, Err(RedeemError::Invalid)), "{email}, {code}: {refused:?}");
        assert_eq!(begun_at.elapsed(), REFUSED_AFTER, "{email}, {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn participants_get_codes_and_tokens_of_their_own() {
    let joined = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1));
    let left = joined
        .case
        .leave(&Policies::default(), a_stamp(by_participant(&joined.case), minutes_later(2)));
    let left = left.unwrap().unwrap().case;
    // Somebody who left can only come back with the token.
    for case in [joined.case, left] {
        let (id, ann) = (case.facts().id, case.facts().participants[0].id);
        let (access, mut codes) = taking_codes(true);
        let recover = recovering(Some(case.clone()), access, OutboxSignal::default());
        recover.request(Some(&a_case_number(1)), &address("Ann@x.example")).await.unwrap();
        let sent = codes.recv().await.unwrap();
        assert_eq!((sent.case, sent.person), (id, ann));
        assert_eq!(sent.message.template, Template::CaseCodeParticipant);
        assert_eq!(sent.message.address, Address::Email(address("ann@x.example")));

        let code = tokens().code(sent.message.id).to_string();
        let mut access = storing(id, ann, sent.message.id);
        access
            .expect_redeem_code()
            .with(eq(id), eq(ann), eq(sent.message.id))
            .returning(|_, _, _| Ok(Some(AccessGeneration(4))));
        let recover = recovering(Some(case), access, OutboxSignal::default());
        let token = recover.redeem(Some(&a_case_number(1)), &address("ann@x.example"), &code).await;
        let expected = tokens().issue_to_participant(id, ann, AccessGeneration(4), monday());
        assert_eq!(token.unwrap().expose(), expected.expose());
        // The code of one person opens nothing for another.
        let stolen =
            recover.redeem(Some(&a_case_number(1)), &address("john@example.com"), &code).await;
        assert!(matches!(stolen, Err(RedeemError::Invalid)), "{stolen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_removed_participant_gets_no_code() {
    let joined = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1));
    let ann = joined.case.facts().participants[0].id;
    let stamp = a_stamp(Actor::Customer, minutes_later(2));
    let removed = joined.case.remove_participant(ann, &Policies::default(), stamp);
    let (access, mut codes) = taking_codes(true);
    let recover = recovering(removed.unwrap().map(|it| it.case), access, OutboxSignal::default());
    recover.request(Some(&a_case_number(1)), &address("ann@x.example")).await.unwrap();
    drop(recover);
    assert_eq!(codes.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_code_redeemed_concurrently_is_refused() {
    let case = an_opened(1).case;
    let (id, notification) = (case.facts().id, NotificationId::from_u128(9));
    let code = tokens().code(notification).to_string();
    let mut access = storing(id, PersonId::of_customer(id), notification);
    access.expect_redeem_code().once().returning(|_, _, _| Ok(None));
    let recover = recovering(Some(case), access, OutboxSignal::default());
    let refused =
        recover.redeem(Some(&a_case_number(1)), &address("john@example.com"), &code).await;
    assert!(matches!(refused, Err(RedeemError::Invalid)), "{refused:?}");
}
