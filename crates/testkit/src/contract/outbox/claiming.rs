use std::collections::HashSet;
use std::time::Duration;

use engage_domain::trace::TraceState;
use engage_domain::{Address, Decision, Status, Template, WebhookId};
use engage_repository::{
    ChangeSet, Claim, ClaimOutcome, ClaimedMessage, EventOrigin, OutboxMessage,
};

use crate::builders::{
    a_change_set, a_claim, a_claimed_message, a_message, a_message_to, a_phone_number, a_trace,
    an_email_address, an_opened, in_status, minutes_later,
};
use crate::contract::delivery::{SHORT, a_moment, claim_when_due, dead, enqueue, retry};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

pub async fn nothing_is_due_in_an_empty_store(store: &Store) {
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_claimed_notification_reads_as_stored(store: &Store) {
    let messages = [
        an_email_address("John@Example.com"),
        a_phone_number("+4989123456"),
        Address::Webhook(WebhookId::from_u128(u128::MAX)),
    ];
    let messages = messages.map(a_message_to).to_vec();
    let client = Some("2001:db8::7".parse().unwrap());
    let trace = Some(a_trace());
    let origin = EventOrigin { address: client, trace: trace.clone(), ..EventOrigin::default() };
    let change_set = ChangeSet { origin, ..a_change_set(an_opened(1), messages.clone()) };
    store.cases.commit(change_set.clone()).await.unwrap();

    for message in messages {
        let channel = message.address.channel();
        let claimed = store.claim_due(Claim { channel, ..a_claim() }).await;
        let [claimed] = &claimed[..] else { panic!("{channel}: {claimed:?}") };
        assert_eq!(claimed.address.to_string(), message.address.to_string());
        let expected = ClaimedMessage {
            claim: claimed.claim,
            is_caused_by_customer: true,
            client,
            trace: trace.clone(),
            ..a_claimed_message(message, &change_set)
        };
        assert_eq!(*claimed, expected);
    }
}

pub async fn a_notification_has_the_trace_of_its_own_event(store: &Store) {
    let opening = an_opened(1);
    let change = in_status(&opening.case, Status::OnHold, minutes_later(1));
    let without_state = a_trace().with_state(TraceState::default());
    let expected =
        [(a_message("a@x.example"), None), (a_message("b@x.example"), Some(without_state))];
    for (decision, (message, trace)) in [opening, change].into_iter().zip(&expected) {
        let origin = EventOrigin { trace: trace.clone(), ..EventOrigin::default() };
        let change_set = a_change_set(decision, vec![message.clone()]);
        store.cases.commit(ChangeSet { origin, ..change_set }).await.unwrap();
    }
    let claimed = store.claim(10, LONG).await;
    assert_eq!(claimed.len(), expected.len());
    for (message, trace) in expected {
        let claimed = claimed.iter().find(|claimed| claimed.id == message.id).unwrap();
        assert_eq!(claimed.trace, trace);
    }
    for message in &claimed {
        store.complete(message, retry(Duration::ZERO)).await;
    }
    for again in store.claim(10, LONG).await {
        let before = claimed.iter().find(|claimed| claimed.id == again.id).unwrap();
        assert_eq!((again.attempt, &again.trace), (2, &before.trace));
    }
}

pub async fn every_template_is_read_back(store: &Store) {
    let messages = Template::ALL
        .iter()
        .map(|&template| OutboxMessage { template, ..a_message("john@example.com") });
    store.commit(an_opened(1), messages.collect()).await.unwrap();
    let claimed: HashSet<_> = store.claim(100, LONG).await.iter().map(|m| m.template).collect();
    assert_eq!(claimed, Template::ALL.iter().copied().collect());
}

pub async fn a_notification_has_the_snapshot_of_its_own_event(store: &Store) {
    let opening = an_opened(1);
    let Decision { case, .. } = &opening;
    let change = in_status(case, Status::OnHold, minutes_later(1));
    let first = a_change_set(opening, vec![a_message("a@x.example")]);
    let second = a_change_set(change, vec![a_message("b@x.example")]);
    for change_set in [&first, &second] {
        store.cases.commit(change_set.clone()).await.unwrap();
    }
    for message in store.claim(10, LONG).await {
        let change_set = if message.id == first.messages[0].id { &first } else { &second };
        assert_eq!(message.snapshot, change_set.snapshot);
    }
}

pub async fn a_claimed_notification_is_not_claimed_again_during_its_lease(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    store.claim_one(LONG).await;
    assert!(store.claim(10, LONG).await.is_empty());
    assert!(store.claim(10, SHORT).await.is_empty());
}

pub async fn a_notification_is_due_after_its_lease_and_the_attempt_counts(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(SHORT).await;
    let second = claim_when_due(store, SHORT).await;
    let third = claim_when_due(store, LONG).await;
    assert_eq!([first.id, first.id], [second.id, third.id]);
    assert_eq!([first.attempt, second.attempt, third.attempt], [1, 2, 3]);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn no_more_are_claimed_than_requested(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    enqueue(store, 2, &["d@x.example", "e@x.example"]).await;
    let mut claimed = Vec::new();
    for expected in [2, 2, 1, 0] {
        let part = store.claim(2, LONG).await;
        assert_eq!(part.len(), expected);
        claimed.extend(part.into_iter().map(|message| message.id));
    }
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 5);
}

pub async fn the_longest_overdue_are_claimed_first(store: &Store) {
    let mut sequence = 0;
    for address in ["a@x.example", "b@x.example", "c@x.example"] {
        sequence += 1;
        enqueue(store, sequence, &[address]).await;
        a_moment().await;
    }
    let oldest = store.claim(1, LONG).await.remove(0);
    assert_eq!(oldest.address.to_string(), "a@x.example");
    // It returns as the one that became due last.
    assert!(store.complete(&oldest, retry(Duration::ZERO)).await);
    a_moment().await;
    for expected in ["b@x.example", "c@x.example", "a@x.example"] {
        let claimed = store.claim(1, LONG).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].address.to_string(), expected);
    }
}

pub async fn a_batch_is_ordered_with_the_longest_overdue_first(store: &Store) {
    let addresses = ["c@x.example", "a@x.example", "d@x.example", "b@x.example"];
    for (sequence, address) in (1..).zip(addresses) {
        enqueue(store, sequence, &[address]).await;
        a_moment().await;
    }
    let claimed = store.claim(10, LONG).await;
    let claimed: Vec<_> = claimed.iter().map(|message| message.address.to_string()).collect();
    assert_eq!(claimed, addresses);
}

pub async fn concurrent_claims_never_return_the_same_notification(store: &Store) {
    for sequence in 1..=12 {
        let to: Vec<_> = (0..5).map(|n| format!("{sequence}-{n}@x.example")).collect();
        enqueue(store, sequence, &to.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let claimed = all_at_once((0..8).map(|_| {
        let store = store.clone();
        async move {
            let mut claimed = Vec::new();
            let mut empty_handed = 0;
            // Other claims may briefly hold what is left, so one empty batch is not the end.
            while empty_handed < 5 {
                let part = store.claim(3, LONG).await;
                empty_handed = if part.is_empty() { empty_handed + 1 } else { 0 };
                claimed.extend(part);
            }
            claimed
        }
    }))
    .await
    .concat();
    assert!(claimed.iter().all(|message| message.attempt == 1));
    assert_eq!(claimed.len(), 60);
    assert_eq!(claimed.iter().map(|message| message.id).collect::<HashSet<_>>().len(), 60);
}

pub async fn a_failing_notification_does_not_block_others(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example"]).await;
    let claimed = store.claim(2, LONG).await;
    assert!(store.complete(&claimed[0], dead()).await);
    assert!(store.complete(&claimed[1], ClaimOutcome::Released).await);
    assert_eq!(store.claim_one(LONG).await.id, claimed[1].id);
}
