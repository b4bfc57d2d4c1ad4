use std::time::Duration;

use engage_domain::{Address, Channel, NotificationId, Template};
use engage_repository::{ClaimToken, MockOutboxRepository, OutboxMessage, RepositoryError};
use engage_testkit::builders::{a_change_set, a_claimed_message, a_message, an_opened};

use super::*;

const RETRIES: RetrySchedule =
    RetrySchedule::new(&[Duration::from_secs(5), Duration::from_mins(5)]);

fn message(template: Template) -> ClaimedMessage {
    let id = NotificationId::from_u128(1);
    let message = OutboxMessage { id, template, ..a_message("john@example.com") };
    a_claimed_message(message, &a_change_set(an_opened(1), Vec::new()))
}

fn refused(presumption: Presumption) -> Result<(), NotifyError> {
    Err(NotifyError::Ambiguous(Refusal {
        reason: "550 no".to_owned(),
        kind: "RCPT: 550 no".to_owned(),
        depends_on_recipient: true,
        presumption,
    }))
}

/// An outbox that expects to be told of one refusal.
fn told(answer: Result<bool, RepositoryError>, is_ours: bool) -> MockOutboxRepository {
    let mut outbox = MockOutboxRepository::new();
    outbox.expect_note_refusal().return_once(move |refused| {
        let expected = RefusedMessage {
            id: NotificationId::from_u128(1),
            channel: Channel::Email,
            kind: "RCPT: 550 no".to_owned(),
            is_ours,
            depends_on_recipient: true,
        };
        assert_eq!(refused, expected);
        answer
    });
    outbox
}

fn down() -> NotifyError {
    NotifyError::ChannelDown { reason: "550 no".to_owned() }
}

const CUSTOMER: Template = Template::CaseReceivedCustomer;

#[tokio::test]
async fn what_others_are_refused_with_too_is_the_channels() {
    for presumption in [Presumption::Recipient, Presumption::Unknown] {
        let outbox = told(Ok(true), false);
        let outcome = judge(&outbox, &message(CUSTOMER), RETRIES, refused(presumption)).await;
        assert_eq!(outcome, Err(down()));
    }
}

#[tokio::test]
async fn what_nobody_else_is_refused_with_is_what_it_looks_like() {
    for (presumption, expected) in [
        (Presumption::Recipient, NotifyError::rejected("550 no")),
        (Presumption::Unknown, NotifyError::transient("550 no")),
    ] {
        let outbox = told(Ok(false), false);
        let outcome = judge(&outbox, &message(CUSTOMER), RETRIES, refused(presumption)).await;
        assert_eq!(outcome, Err(expected));
    }
}

#[tokio::test]
async fn messages_to_customers_are_for_addresses_that_strangers_chose_and_others_are_ours() {
    for (template, is_ours) in [
        (CUSTOMER, false),
        (Template::CaseAccessCustomer, false),
        (Template::CaseAssignedStaff, true),
        (Template::CaseEscalatedManagement, true),
        (Template::EndpointDisabledStaff, true),
    ] {
        let outbox = told(Ok(false), is_ours);
        judge(&outbox, &message(template), RETRIES, refused(Presumption::Unknown))
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_refusal_of_the_desk_stops_the_channel_without_another() {
    let outbox = MockOutboxRepository::new();
    for is_trial in [false, true] {
        let message = ClaimedMessage { is_trial, ..message(CUSTOMER) };
        assert_eq!(
            judge(&outbox, &message, RETRIES, refused(Presumption::Sender)).await,
            Err(down())
        );
    }
}

#[tokio::test]
async fn a_message_that_stopped_the_channel_three_times_while_others_pass_does_so_no_more() {
    let late = |claim, is_trial| ClaimedMessage {
        claim: ClaimToken(claim),
        is_trial,
        ..message(CUSTOMER)
    };
    let nobody = MockOutboxRepository::new();
    for message in [late(3, false), late(90, true)] {
        assert_eq!(
            judge(&nobody, &message, RETRIES, refused(Presumption::Sender)).await,
            Err(down())
        );
    }
    let alone =
        judge(&told(Ok(false), false), &late(4, false), RETRIES, refused(Presumption::Sender))
            .await;
    assert_eq!(alone, Err(NotifyError::transient("550 no")));
    let shared =
        judge(&told(Ok(true), false), &late(4, false), RETRIES, refused(Presumption::Sender)).await;
    assert_eq!(shared, Err(down()));
}

#[tokio::test]
async fn a_refusal_that_cannot_be_noted_gives_no_message_up() {
    for presumption in [Presumption::Recipient, Presumption::Unknown] {
        let outbox = told(Err(RepositoryError::unavailable("no connection")), false);
        let outcome = judge(&outbox, &message(CUSTOMER), RETRIES, refused(presumption)).await;
        assert_eq!(outcome, Err(NotifyError::transient("550 no")));
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_stops_the_channel_when_a_message_would_be_given_up() {
    let outbox = MockOutboxRepository::new();
    let gone = || Err(NotifyError::Unreachable { reason: "503".to_owned(), retry_after: None });
    let phone = Address::Phone("+1234567890".parse().unwrap());
    for (attempt, expected) in
        [(1, gone()), (2, gone()), (3, Err(NotifyError::ChannelDown { reason: "503".to_owned() }))]
    {
        let message = ClaimedMessage {
            address: phone.clone(),
            attempt,
            claim: ClaimToken(attempt.into()),
            ..message(Template::CaseUrgentStaff)
        };
        assert_eq!(judge(&outbox, &message, RETRIES, gone()).await, expected, "{attempt}");
    }
}
