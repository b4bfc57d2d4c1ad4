//! What customers cause without a login is limited, and waits.

use engage_domain::{Actor, EmailAddress, Participant, Urgency};
use engage_repository::{Budget, RepositoryError, Share};
use engage_testkit::builders::{a_staff_member, an_opened, by, joined, minutes_later};
use mockall::predicate::eq;

use super::*;
use crate::dispatch::sending_limits::SendingLimits;

/// A message about a case of this urgency that its customer caused.
fn caused_by_customer(channel: Channel, template: Template, urgency: Urgency) -> ClaimedMessage {
    let snapshot =
        a_change().snapshot.replace("\"urgency\":\"HIGH\"", &format!("\"urgency\":\"{urgency}\""));
    let is_caused_by_customer = true;
    ClaimedMessage { template, snapshot, is_caused_by_customer, ..a_message(1, channel) }
}

fn a_confirmation(to: &str) -> ClaimedMessage {
    let message = caused_by_customer(Channel::Email, Template::CaseReceivedCustomer, Urgency::High);
    ClaimedMessage { address: Address::Email(to.parse::<EmailAddress>().unwrap()), ..message }
}

fn to_the_team() -> ClaimedMessage {
    ClaimedMessage { template: Template::CaseAssignedStaff, ..a_confirmation("team@x.example") }
}

fn a_text(urgency: Urgency) -> ClaimedMessage {
    caused_by_customer(Channel::Sms, Template::CaseUrgentStaff, urgency)
}

fn budgets(message: &ClaimedMessage) -> Vec<Budget> {
    SendingLimits::default().budgets(message).unwrap()
}

fn most(message: &ClaimedMessage) -> Vec<u32> {
    budgets(message).iter().map(|budget| budget.most).collect()
}

/// How a message ends whose budgets answer in turn.
async fn end(
    message: ClaimedMessage,
    answers: Vec<Admission>,
    gathered: Vec<CaseNumber>,
    channels: Channels,
) -> ClaimOutcome {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().push_back(message);
    let answers = Mutex::new(VecDeque::from(answers));
    outbox.expect_admit().returning(move |_, _| {
        Ok(answers.lock().unwrap().pop_front().expect("no budget more is asked"))
    });
    outbox.expect_gather().returning(move |_, _| Ok(gathered.clone()));
    let settings = DispatcherSettings::default();
    Harness::with_outbox(outbox, waiting, claims, channels, settings).outcome().await
}

fn exhausted(minutes: u64) -> Admission {
    Admission::Exhausted { free_in: Duration::from_mins(minutes) }
}

fn telling_of(count: usize) -> Channels {
    all_channels(move |notification| {
        assert_eq!(notification.gathered.len(), count);
        std::future::ready(Ok(()))
    })
}

fn unused() -> Channels {
    all_channels(|_| async { panic!("it is not to be sent") })
}

#[test]
fn mail_that_a_customer_causes_is_limited_by_address_by_domain_and_in_all() {
    for template in Template::ALL.iter().filter(|template| template.is_for_people_of_case()) {
        let message = ClaimedMessage { template: *template, ..a_confirmation("a@x.example") };
        let expected: &[u32] = if template.delivers_code() { &[10] } else { &[5, 60, 600] };
        assert_eq!(most(&message), expected, "{template}");
    }
}

#[test]
fn mail_to_a_proven_customer_is_not_limited() {
    let message = a_confirmation("a@x.example");
    let snapshot = message.snapshot.replace("\"customerProven\":false", "\"customerProven\":true");
    assert_ne!(snapshot, message.snapshot);
    assert_eq!(budgets(&ClaimedMessage { snapshot, ..message }), []);
}

/// A notification to a participant whom this actor has added.
fn to_participant(added_by: Actor, proven: bool) -> ClaimedMessage {
    let joined = joined(&an_opened(1).case, "ann@x.example", added_by, minutes_later(1));
    let [ann] = &joined.case.facts().participants[..] else { panic!("one joined") };
    ClaimedMessage {
        person: Some(ann.id),
        participants: vec![Participant { proven, ..ann.clone() }],
        template: Template::CaseUpdatedParticipant,
        ..a_confirmation("ann@x.example")
    }
}

#[test]
fn mail_to_a_participant_counts_as_mail_to_the_customer_who_named_them_until_they_are_proven() {
    let message = to_participant(Actor::Customer, false);
    let of_customer = budgets(&a_confirmation("john@example.com")).remove(0);
    let named = budgets(&message);
    assert_eq!(named.iter().map(|budget| budget.most).collect::<Vec<_>>(), [5, 5, 60, 600]);
    assert_eq!(named[1], of_customer);
    assert_eq!(named[0], budgets(&a_confirmation("ann@x.example")).remove(0));

    assert_eq!(most(&to_participant(by(&a_staff_member("jane")), false)), [5, 60, 600]);
    assert_eq!(budgets(&to_participant(Actor::Customer, true)), []);
}

#[test]
fn what_staff_or_time_cause_is_not_limited() {
    let is_caused_by_customer = false;
    for message in [a_confirmation("a@x.example"), to_the_team(), a_text(Urgency::Critical)] {
        assert_eq!(budgets(&ClaimedMessage { is_caused_by_customer, ..message }), []);
    }
    assert_eq!(budgets(&a_message(1, Channel::Webhook)), []);
}

#[test]
fn mail_to_staff_that_customers_cause_has_a_limit_of_its_own() {
    let [of_team] = budgets(&to_the_team())[..] else { panic!("one budget") };
    assert_eq!((of_team.most, of_team.share), (600, None));
    let to_customer = ClaimedMessage { template: Template::CaseUpdatedCustomer, ..to_the_team() };
    assert!(budgets(&to_customer).iter().all(|budget| budget.key != of_team.key));
}

#[test]
fn networks_of_clients_share_what_is_for_all_of_them() {
    let of = |client: &str| {
        let client = (!client.is_empty()).then(|| client.parse().unwrap());
        let message = ClaimedMessage { client, ..a_confirmation("a@x.example") };
        budgets(&message).iter().map(|budget| budget.share.unwrap()).collect::<Vec<_>>()
    };
    let one = of("203.0.113.9");
    assert_eq!(of("::ffff:203.0.113.9"), one);
    assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::"));
    for other in ["203.0.113.10", "2001:db8:1:2::3", "2001:db8:1:3::3", ""] {
        for (share, others) in one.iter().zip(of(other)) {
            assert_eq!(share.refused_in_all, others.refused_in_all);
            assert_ne!((share.had, share.refused), (others.had, others.refused), "{other}");
        }
    }
    let keys = |share: &Share| [share.had, share.refused, share.refused_in_all];
    let mut all: Vec<_> = one.iter().flat_map(keys).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 9, "no two of a message's counts are one");
}

#[test]
fn variants_of_an_address_share_its_budget() {
    let of = |address: &str| budgets(&a_confirmation(address));
    let expected = of("victim@x.example");
    for variant in ["Victim@X.example", "victim+1@x.example", "VICTIM+a+b@x.example"] {
        assert_eq!(of(variant), expected, "{variant}");
    }
    let other = of("victor@x.example");
    assert_ne!(other[0], expected[0]);
    assert_eq!(other[1..], expected[1..], "the domain is the same");
    assert_ne!(of("victim@y.example")[1], expected[1]);
}

#[test]
fn the_last_quarter_of_a_telephone_is_for_what_is_critical() {
    for (urgency, expected) in [(Urgency::Low, 15), (Urgency::High, 15), (Urgency::Critical, 20)] {
        assert_eq!(most(&a_text(urgency)), [expected], "{urgency}");
    }
}

#[tokio::test(start_paused = true)]
async fn mail_over_its_budget_waits_for_it() {
    let answers = vec![exhausted(40)];
    let outcome = end(a_confirmation("a@x.example"), answers, Vec::new(), unused()).await;
    let ClaimOutcome::HeldBack { after, reason } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, Duration::from_mins(40));
    assert!(reason.starts_with("held back"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn mail_that_was_held_back_tells_of_all_that_were() {
    let message = ClaimedMessage { is_held_back: true, ..a_confirmation("a@x.example") };
    let (granted, others) = (vec![Admission::Granted], vec![number(); 3]);
    assert_eq!(end(message, granted, others, telling_of(3)).await, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn mail_that_was_not_held_back_tells_of_itself() {
    let (message, granted) = (a_confirmation("a@x.example"), vec![Admission::Granted]);
    assert_eq!(end(message, granted, vec![number()], telling_of(0)).await, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn a_telephone_over_its_budget_gets_one_text_for_all_that_wait() {
    let answers = vec![exhausted(40), Admission::Granted];
    let outcome = end(a_text(Urgency::High), answers, vec![number(); 12], telling_of(12)).await;
    assert_eq!(outcome, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn an_address_of_staff_over_its_limit_gets_one_mail_for_all_that_wait() {
    let answers = vec![exhausted(40), Admission::Granted];
    let outcome = end(to_the_team(), answers, vec![number(); 7], telling_of(7)).await;
    assert_eq!(outcome, ClaimOutcome::Sent);
    let outcome = end(to_the_team(), vec![exhausted(40), exhausted(9)], Vec::new(), unused()).await;
    assert!(matches!(outcome, ClaimOutcome::HeldBack { after, .. } if after == seconds(9 * 60)));
}

#[tokio::test(start_paused = true)]
async fn texts_wait_for_the_next_that_may_go_whichever_that_is() {
    let answers = vec![exhausted(40), exhausted(9)];
    let outcome = end(a_text(Urgency::Critical), answers, Vec::new(), unused()).await;
    let ClaimOutcome::HeldBack { after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, Duration::from_mins(9));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_admitted_is_not_asked_about_again() {
    let admitted = ClaimedMessage {
        is_admitted: true,
        gathered: vec![number()],
        ..a_confirmation("a@x.example")
    };
    assert_eq!(end(admitted, Vec::new(), Vec::new(), telling_of(1)).await, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_wants_no_messages_gets_none() {
    for message in [a_text(Urgency::High), a_confirmation("a@x.example")] {
        let (mut outbox, waiting, claims) = outbox();
        let key = tokens().suppression_key(&message.address);
        let of_erased = message.address.channel() == Channel::Email;
        assert_eq!(key.mac.is_some(), of_erased, "only e-mails go to erased persons");
        outbox
            .expect_find_suppression()
            .with(eq(key))
            .once()
            .returning(|_| Ok(Some("unsubscribed".to_owned())));
        waiting.lock().unwrap().push_back(message);
        let settings = DispatcherSettings::default();
        let mut harness = Harness::with_outbox(outbox, waiting, claims, unused(), settings);
        let reason = "unsubscribed".to_owned();
        assert_eq!(harness.outcome().await, ClaimOutcome::Cancelled { reason });
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_waits_while_it_cannot_be_told_whether_it_may_go() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().push_back(a_text(Urgency::High));
    outbox
        .expect_admit()
        .once()
        .returning(|_, _| Err(RepositoryError::unavailable("no connection")));
    let settings = DispatcherSettings::default();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, unused(), settings);
    let outcome = harness.outcome().await;
    assert!(matches!(outcome, ClaimOutcome::Deferred { after, .. } if after == seconds(5)));
}
