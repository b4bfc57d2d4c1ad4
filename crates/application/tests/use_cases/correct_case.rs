use engage_application::{CaseError, CorrectCase};
use engage_domain::case::CorrectError;
use engage_domain::{
    Address, Case, CorrectRequest, EmailAddress, Organization, PhoneNumber, Policies, Urgency,
};
use engage_repository::{ChangeSet, Revision};
use engage_testkit::FakeCases;
use engage_testkit::builders::{
    a_case_number, a_new_case_by_phone, a_stamp, an_opened, by, minutes_later, monday, opened,
};
use engage_testkit::use_cases::case_changes;

use crate::setup::{a_colleague, announcements, by_member, made};

/// Corrects a case, and returns what was committed.
async fn correct(case: Case, request: CorrectRequest) -> ChangeSet {
    let cases = FakeCases::default();
    cases.add(case);
    let correct_case = CorrectCase::new(case_changes(&cases));
    made(correct_case.execute(by_member(1, &a_colleague("eve")), request).await);
    let mut commits = cases.commits();
    assert_eq!(commits.len(), 1, "a correction is a single commit");
    commits.remove(0)
}

fn to_email(email: &str) -> CorrectRequest {
    CorrectRequest::default().with_email(email.parse::<EmailAddress>().unwrap())
}

fn to_phone(phone: &str) -> CorrectRequest {
    CorrectRequest::default().with_phone(phone.parse::<PhoneNumber>().unwrap())
}

#[tokio::test]
async fn a_new_address_ends_the_access_of_the_old_one_and_is_notified() {
    let committed = correct(an_opened(1).case, to_email("jd@x.example")).await;
    let revision = Revision {
        ends_access: true,
        proves_customer: false,
        former_addresses: vec![Address::Email("john@example.com".parse().unwrap())],
        renews_words: true,
        ..Revision::default()
    };
    assert_eq!(committed.revision, Some(revision));
    assert_eq!(announcements(&committed), ["case-updated-customer jd@x.example"]);
}

#[tokio::test]
async fn a_new_number_only_cancels_what_waits_for_the_old_one() {
    let case = opened(a_new_case_by_phone(), a_case_number(1), monday()).case;
    let committed = correct(case, to_phone("+15550100912")).await;
    let revision = Revision {
        ends_access: false,
        proves_customer: false,
        former_addresses: vec![Address::Phone("+15550100911".parse().unwrap())],
        renews_words: true,
        ..Revision::default()
    };
    assert_eq!(committed.revision, Some(revision));
    assert_eq!(announcements(&committed), [""; 0]);
}

#[tokio::test]
async fn a_first_address_or_number_ends_nothing() {
    let by_phone = opened(a_new_case_by_phone(), a_case_number(1), monday()).case;
    for (case, request) in
        [(by_phone, to_email("jd@x.example")), (an_opened(1).case, to_phone("+15550100912"))]
    {
        let revision = correct(case, request).await.revision;
        let expected = Revision { renews_words: true, ..Revision::default() };
        assert_eq!(revision, Some(expected));
    }
}

#[tokio::test]
async fn words_are_renewed_if_what_is_searched_changes() {
    let organization: Organization = "Initech".parse().unwrap();
    let renewing = [
        CorrectRequest::default().with_name("Jon Doe".parse().unwrap()),
        CorrectRequest::default().with_organization(organization),
        CorrectRequest::default().with_subject("No access".parse().unwrap()),
    ];
    for request in renewing {
        let revision = correct(an_opened(1).case, request).await.revision;
        assert_eq!(revision, Some(Revision { renews_words: true, ..Revision::default() }));
    }
    let request = CorrectRequest::default().with_urgency(Urgency::Low);
    assert_eq!(correct(an_opened(1).case, request).await.revision, None);
}

#[tokio::test]
async fn a_case_without_any_contact_is_refused() {
    let cases = FakeCases::default();
    cases.add(an_opened(1).case);
    let correct_case = CorrectCase::new(case_changes(&cases));
    let request = CorrectRequest::default().with_email(None);
    let refused = correct_case.execute(by_member(1, &a_colleague("eve")), request).await;
    assert!(matches!(refused, Err(CaseError::Refused(CorrectError::NoContact))), "{refused:?}");
    assert_eq!(cases.commits(), []);
}

#[tokio::test]
async fn a_correction_that_lost_a_race_ends_the_access_of_the_address_of_that_time() {
    let opened = an_opened(1).case;
    let stamp = a_stamp(by(&a_colleague("ann")), minutes_later(1));
    let other = opened.correct(to_email("jon@x.example"), &Policies::default(), stamp);
    let cases = FakeCases::default();
    cases.add(other.unwrap().unwrap().case);
    cases.lose_next_race();
    let correct_case = CorrectCase::new(case_changes(&cases));
    let request = to_email("jd@x.example");
    made(correct_case.execute(by_member(1, &a_colleague("eve")), request).await);
    let revision = cases.commits()[0].revision.clone().unwrap();
    assert_eq!(revision.former_addresses, [Address::Email("jon@x.example".parse().unwrap())]);
}
