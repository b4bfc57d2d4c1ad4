use engage_domain::{Address, Channel, Template};
use engage_repository::{
    AddressLimit, Claim, ClaimedMessage, Completion, DeliveryReport, Obstacle, OutboxMessage,
};

use crate::builders::{
    a_claim, a_message, a_message_to, a_phone_number, an_email_address, an_opened,
};
use crate::contract::Store;
use crate::contract::delivery::{SHORT, a_moment, cancelled, dead, deferred, enqueue, retry};
use crate::contract::store::LONG;

const JOHN: &str = "john@example.com";

/// So many messages of any kind in an hour.
fn at_most(most: u32) -> AddressLimit {
    AddressLimit { template: None, most, within: LONG }
}

fn suppressed(reason: &str) -> Obstacle {
    Obstacle::Suppressed { reason: reason.to_owned() }
}

async fn suppress(store: &Store, address: &Address, reason: &str) {
    store.outbox.suppress(address, reason).await.expect("an address is suppressed");
}

async fn obstacle(
    store: &Store,
    message: &ClaimedMessage,
    limit: Option<AddressLimit>,
) -> Option<Obstacle> {
    let found = store.outbox.find_obstacle(message.id, &message.address, limit).await;
    found.expect("obstacles are looked for")
}

/// Delivers a message to John about a case of its own.
async fn deliver(store: &Store, sequence: u64, end: Completion) -> ClaimedMessage {
    let message = begin(store, sequence).await;
    assert!(store.complete(&message, end).await);
    message
}

/// Begins to deliver a message to John about a case of its own.
async fn begin(store: &Store, sequence: u64) -> ClaimedMessage {
    enqueue(store, sequence, &[JOHN]).await;
    store.claim_one(LONG).await
}

pub async fn nothing_stands_in_the_way_of_the_first_message(store: &Store) {
    let message = begin(store, 1).await;
    for limit in [None, Some(at_most(1))] {
        assert_eq!(obstacle(store, &message, limit).await, None);
    }
}

pub async fn an_address_that_is_suppressed_is_an_obstacle_with_any_limit(store: &Store) {
    let message = begin(store, 1).await;
    suppress(store, &message.address, "21610: opted out — später?").await;
    for limit in [None, Some(at_most(5)), Some(at_most(0))] {
        let expected = Some(suppressed("21610: opted out — später?"));
        assert_eq!(obstacle(store, &message, limit).await, expected);
    }
}

pub async fn an_address_keeps_the_first_reason_for_its_suppression(store: &Store) {
    let message = begin(store, 1).await;
    suppress(store, &message.address, "first").await;
    suppress(store, &message.address, "second").await;
    assert_eq!(obstacle(store, &message, None).await, Some(suppressed("first")));
}

pub async fn other_addresses_are_not_suppressed(store: &Store) {
    let message = begin(store, 1).await;
    suppress(store, &an_email_address("jane@example.com"), "gone").await;
    suppress(store, &a_phone_number("+4989123456"), "gone").await;
    assert_eq!(obstacle(store, &message, None).await, None);
}

pub async fn messages_that_were_accepted_count_against_a_limit(store: &Store) {
    deliver(store, 1, Completion::Sent).await;
    let arrived = deliver(store, 2, Completion::Sent).await;
    assert!(store.report(arrived.id, DeliveryReport::Delivered).await);
    let third = begin(store, 3).await;
    assert_eq!(obstacle(store, &third, Some(at_most(3))).await, None);
    for most in [2, 1, 0] {
        let found = obstacle(store, &third, Some(at_most(most))).await;
        assert_eq!(found, Some(Obstacle::LimitReached), "{most}");
    }
    assert_eq!(obstacle(store, &third, None).await, None, "there is no limit");
}

pub async fn messages_that_were_not_accepted_count_against_no_limit(store: &Store) {
    let ends = [dead(), cancelled(), retry(LONG), deferred(LONG)];
    for (sequence, end) in (1..).zip(ends) {
        deliver(store, sequence, end).await;
    }
    let message = begin(store, 9).await;
    assert_eq!(obstacle(store, &message, Some(at_most(1))).await, None);
}

pub async fn messages_that_were_accepted_before_the_time_do_not_count(store: &Store) {
    deliver(store, 1, Completion::Sent).await;
    let second = begin(store, 2).await;
    a_moment().await;
    let limit = Some(AddressLimit { within: SHORT, ..at_most(1) });
    assert_eq!(obstacle(store, &second, limit).await, None);
    let found = obstacle(store, &second, Some(at_most(1))).await;
    assert_eq!(found, Some(Obstacle::LimitReached));
}

pub async fn messages_to_other_addresses_do_not_count(store: &Store) {
    enqueue(store, 1, &["jane@example.com"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, Completion::Sent).await);
    let text = a_message_to(a_phone_number("+4989123456"));
    store.commit(an_opened(2), vec![text]).await.expect("a case is opened");
    let texts = store.claim_due(Claim { channel: Channel::Sms, ..a_claim() }).await;
    assert!(store.complete(&texts[0], Completion::Sent).await);
    let message = begin(store, 3).await;
    assert_eq!(obstacle(store, &message, Some(at_most(1))).await, None);
}

pub async fn a_limit_on_a_template_counts_no_other(store: &Store) {
    let template = Template::CaseAssignedStaff;
    let message = OutboxMessage { template, ..a_message(JOHN) };
    store.commit(an_opened(1), vec![message]).await.expect("a case is opened");
    let accepted = store.claim_one(LONG).await;
    assert!(store.complete(&accepted, Completion::Sent).await);
    let message = begin(store, 2).await;
    for (template, expected) in [
        (Some(message.template), None),
        (Some(template), Some(Obstacle::LimitReached)),
        (None, Some(Obstacle::LimitReached)),
    ] {
        let limit = AddressLimit { template, ..at_most(1) };
        assert_eq!(obstacle(store, &message, Some(limit)).await, expected, "{template:?}");
    }
}

pub async fn of_several_attempted_at_once_the_first_may_go(store: &Store) {
    let mut messages = Vec::new();
    for sequence in 1..=3 {
        messages.push(begin(store, sequence).await);
    }
    messages.sort_by_key(|message| message.id);
    for (most, expected) in [(1, 1), (2, 2), (3, 3)] {
        let mut free = Vec::new();
        for message in &messages {
            if obstacle(store, message, Some(at_most(most))).await.is_none() {
                free.push(message.id);
            }
        }
        let first: Vec<_> = messages[..expected].iter().map(|message| message.id).collect();
        assert_eq!(free, first, "at most {most}");
    }
}

pub async fn attempts_of_another_template_count_where_none_is_named(store: &Store) {
    let templates = [Template::CaseAssignedStaff, Template::CaseReceivedCustomer];
    let messages = templates.map(|template| OutboxMessage { template, ..a_message(JOHN) });
    let last = messages[1].id;
    store.commit(an_opened(1), messages.to_vec()).await.expect("a case is opened");
    let claimed = store.claim(10, LONG).await;
    let message = claimed.iter().find(|message| message.id == last).expect("it is claimed");
    for (template, expected) in [
        (Some(templates[1]), None),
        (Some(templates[0]), Some(Obstacle::LimitReached)),
        (None, Some(Obstacle::LimitReached)),
    ] {
        let limit = AddressLimit { template, ..at_most(1) };
        assert_eq!(obstacle(store, message, Some(limit)).await, expected, "{template:?}");
    }
}

pub async fn messages_that_wait_do_not_count(store: &Store) {
    enqueue(store, 1, &[JOHN]).await;
    let waiting = store.claim_one(LONG).await;
    let message = begin(store, 2).await;
    assert!(store.complete(&waiting, Completion::Released).await);
    assert_eq!(obstacle(store, &message, Some(at_most(1))).await, None);
}
