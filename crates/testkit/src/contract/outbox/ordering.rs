use std::collections::HashSet;
use std::time::Duration;

use engage_domain::{Case, Channel, NotificationId, Template};
use engage_repository::{Claim, ClaimOutcome, OutboxMessage};

use crate::builders::{
    a_claim, a_message, a_message_to, a_phone_number, an_email_address, an_opened, minutes_later,
    replied,
};
use crate::contract::delivery::{
    SHORT, announce, cancelled, claim_when_due, dead, deferred, enqueue, retry,
};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

const JOHN: &str = "john@example.com";

/// Commits the next event of a case with these notifications.
async fn go_on(store: &Store, case: &Case, messages: Vec<OutboxMessage>) -> Case {
    // Spaced widely enough for the limit on replies.
    let later = minutes_later(4 * u64::from(case.version().get()));
    announce(store, replied(case, "And then?", later), messages).await
}

/// Creates a case with several events, each with a notification to John. Returns them in order.
async fn events(store: &Store, sequence: u64, count: usize) -> Vec<NotificationId> {
    let messages: Vec<_> = (0..count).map(|_| a_message(JOHN)).collect();
    let ids = messages.iter().map(|message| message.id).collect();
    let mut case = store.keep(an_opened(sequence)).await;
    for message in messages {
        case = go_on(store, &case, vec![message]).await;
    }
    ids
}

/// Fails the due notification several times. The last failure schedules a retry after `last`.
async fn fail(store: &Store, id: NotificationId, times: u32, last: Duration) {
    for attempt in 1..=times {
        let message = claim_when_due(store, LONG).await;
        assert_eq!((message.id, message.attempt), (id, attempt));
        let after = if attempt == times { last } else { SHORT };
        assert!(store.complete(&message, retry(after)).await);
    }
}

pub async fn a_later_event_waits_for_an_earlier_one_of_its_case(store: &Store) {
    for (sequence, end) in (1..).zip([ClaimOutcome::Sent, dead(), cancelled()]) {
        let ids = events(store, sequence, 2).await;
        let first = store.claim_one(LONG).await;
        assert_eq!(first.id, ids[0]);
        assert!(store.claim(10, LONG).await.is_empty(), "the first is in flight");
        assert!(store.complete(&first, end).await);
        let second = store.claim_one(LONG).await;
        assert_eq!(second.id, ids[1]);
        assert!(store.complete(&second, ClaimOutcome::Sent).await);
    }
}

pub async fn a_later_event_waits_for_up_to_three_failures_of_an_earlier_one(store: &Store) {
    for times in 1..=3 {
        let ids = events(store, times.into(), 2).await;
        fail(store, ids[0], times, LONG).await;
        assert!(store.claim(10, LONG).await.is_empty(), "{times} failures");
    }
}

pub async fn a_later_event_is_sent_after_four_failures_of_an_earlier_one(store: &Store) {
    let ids = events(store, 1, 2).await;
    fail(store, ids[0], 4, LONG).await;
    assert_eq!(store.claim_one(LONG).await.id, ids[1]);
}

pub async fn a_fourth_attempt_in_flight_is_not_a_failure_yet(store: &Store) {
    let ids = events(store, 1, 2).await;
    fail(store, ids[0], 3, SHORT).await;
    let fourth = claim_when_due(store, LONG).await;
    assert_eq!((fourth.id, fourth.attempt), (ids[0], 4));
    assert!(store.claim(10, LONG).await.is_empty());
    assert!(store.complete(&fourth, retry(LONG)).await);
    assert_eq!(store.claim_one(LONG).await.id, ids[1]);
}

pub async fn attempts_after_the_fourth_failure_block_nothing(store: &Store) {
    let ids = events(store, 1, 2).await;
    fail(store, ids[0], 4, SHORT).await;
    let claimed = [claim_when_due(store, LONG).await, claim_when_due(store, LONG).await];
    let of = |id| claimed.iter().find(|message| message.id == id).expect("both are claimed");
    assert_eq!(of(ids[0]).attempt, 5);
    assert!(store.complete(of(ids[1]), ClaimOutcome::Released).await);
    assert_eq!(store.claim_one(LONG).await.id, ids[1], "the fifth attempt is in flight");
}

pub async fn uncounted_attempts_are_not_failures(store: &Store) {
    let ids = events(store, 1, 2).await;
    for end in [deferred(SHORT), ClaimOutcome::Released].iter().cycle().take(10) {
        let message = claim_when_due(store, LONG).await;
        assert_eq!((message.id, message.attempt), (ids[0], 1));
        assert!(store.complete(&message, end.clone()).await);
    }
    let message = claim_when_due(store, LONG).await;
    assert!(store.complete(&message, deferred(LONG)).await);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn an_expired_claim_still_blocks_later_events(store: &Store) {
    let ids = events(store, 1, 2).await;
    for attempt in 1..=3 {
        let message = claim_when_due(store, SHORT).await;
        assert_eq!((message.id, message.attempt), (ids[0], attempt));
    }
}

pub async fn each_event_waits_for_the_previous_one(store: &Store) {
    let ids = events(store, 1, 3).await;
    fail(store, ids[0], 4, LONG).await;
    let second = store.claim_one(LONG).await;
    assert_eq!(second.id, ids[1], "the third waits for the second");
    assert!(store.complete(&second, ClaimOutcome::Sent).await);
    assert_eq!(store.claim_one(LONG).await.id, ids[2]);
}

pub async fn a_resent_notification_blocks_later_events(store: &Store) {
    let ids = events(store, 1, 2).await;
    let first = store.claim_one(LONG).await;
    assert!(store.complete(&first, dead()).await);
    assert!(store.send_again(ids[0]).await);
    assert_eq!(store.claim_one(LONG).await.id, ids[0]);
}

pub async fn notifications_waiting_for_a_retry_do_not_block_other_cases(store: &Store) {
    // Far more than a claim of one notification would scan.
    let ids = events(store, 1, 50).await;
    fail(store, ids[0], 1, LONG).await;
    enqueue(store, 2, &["mary@example.com"]).await;
    let claimed = store.claim_one(LONG).await;
    assert_eq!(claimed.address.to_string(), "mary@example.com");
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn notifications_waiting_for_a_retry_are_sent_after_it(store: &Store) {
    let ids = events(store, 1, 3).await;
    fail(store, ids[0], 1, Duration::from_millis(200)).await;
    assert!(store.claim(10, LONG).await.is_empty(), "the others wait as long");
    for (id, attempt) in ids.into_iter().zip([2, 1, 1]) {
        let message = claim_when_due(store, LONG).await;
        assert_eq!((message.id, message.attempt), (id, attempt));
        assert!(store.complete(&message, ClaimOutcome::Sent).await);
    }
}

pub async fn other_cases_are_not_blocked(store: &Store) {
    events(store, 1, 2).await;
    store.claim_one(LONG).await;
    enqueue(store, 2, &[JOHN]).await;
    let message = store.claim_one(LONG).await;
    assert_eq!(message.case_number.sequence(), 2);
}

pub async fn other_addresses_are_not_blocked(store: &Store) {
    let case = announce(store, an_opened(1), vec![a_message(JOHN)]).await;
    store.claim_one(LONG).await;
    go_on(store, &case, vec![a_message(JOHN), a_message("jane@example.com")]).await;
    assert_eq!(store.claim_one(LONG).await.address.to_string(), "jane@example.com");
}

pub async fn channels_do_not_wait_for_each_other(store: &Store) {
    let messages = || {
        let addresses = [an_email_address(JOHN), a_phone_number("+4989123456")];
        addresses.map(a_message_to).to_vec()
    };
    let (first, second) = (messages(), messages());
    let texts = [first[1].id, second[1].id];
    let case = announce(store, an_opened(1), first).await;
    go_on(store, &case, second).await;
    for expected in texts {
        let claimed = store.claim_due(Claim { channel: Channel::Sms, ..a_claim() }).await;
        assert_eq!(claimed.iter().map(|message| message.id).collect::<Vec<_>>(), [expected]);
        assert!(store.complete(&claimed[0], ClaimOutcome::Sent).await);
    }
}

pub async fn notifications_of_one_event_to_one_address_do_not_wait_for_each_other(store: &Store) {
    let templates = [Template::CaseAssignedStaff, Template::CaseReceivedCustomer];
    let messages = templates.map(|template| OutboxMessage { template, ..a_message(JOHN) });
    let case = announce(store, an_opened(1), messages.to_vec()).await;
    go_on(store, &case, vec![a_message(JOHN)]).await;
    let claimed = store.claim(10, LONG).await;
    let ids: HashSet<_> = claimed.iter().map(|message| message.id).collect();
    assert_eq!(ids, messages.map(|message| message.id).into());
    assert!(store.complete(&claimed[0], ClaimOutcome::Sent).await);
    assert!(store.claim(10, LONG).await.is_empty(), "the other is in flight");
    assert!(store.complete(&claimed[1], ClaimOutcome::Sent).await);
    store.claim_one(LONG).await;
}

pub async fn concurrent_claims_preserve_the_order(store: &Store) {
    let mut first = HashSet::new();
    for sequence in 1..=6 {
        first.insert(events(store, sequence, 3).await[0]);
    }
    let claimed = all_at_once((0..8).map(|_| {
        let store = store.clone();
        async move {
            let mut claimed = Vec::new();
            for _ in 0..5 {
                claimed.extend(store.claim(10, LONG).await);
            }
            claimed
        }
    }));
    let claimed: Vec<_> = claimed.await.concat().iter().map(|message| message.id).collect();
    assert_eq!(claimed.len(), 6);
    assert_eq!(HashSet::from_iter(claimed), first);
}
