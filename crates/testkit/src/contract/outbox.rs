//! [`OutboxRepository`](engage_repository::OutboxRepository).

use std::collections::HashSet;
use std::time::Duration;

use engage_domain::{Address, Decision, NotificationId, Status, Template, WebhookId};
use engage_repository::{ClaimToken, ClaimedMessage, Completion, OutboxMessage};

use super::store::LONG;
use super::{PATIENCE, Store, all_at_once};
use crate::builders::{a_change_set, a_fresh_id, a_message, an_opened, in_status, minutes_later};

/// A lease or a delay that has passed as soon as anybody looks.
const SHORT: Duration = Duration::from_millis(1);

async fn enqueue(store: &Store, sequence: u64, addresses: &[&str]) {
    let messages = addresses.iter().map(|to| a_message(to)).collect();
    store.commit(an_opened(sequence), messages).await.expect("a case is opened");
}

async fn complete(store: &Store, message: &ClaimedMessage, completion: Completion) -> bool {
    let completed = store.outbox.complete(message.id, message.claim, completion).await;
    completed.expect("an attempt is recorded")
}

fn retry(after: Duration) -> Completion {
    Completion::Retry { after, reason: "451 greylisted — später 🙁".to_owned() }
}

fn dead() -> Completion {
    Completion::Dead { reason: "550 no such user".to_owned() }
}

/// The one message that will be due shortly, claimed.
async fn claim_when_due(store: &Store, lease: Duration) -> ClaimedMessage {
    let due = async {
        loop {
            if let Some(message) = store.claim(10, lease).await.pop() {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, due).await.expect("the message becomes due")
}

/// Lets time pass, so that what happens next is later to the millisecond.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

pub async fn nothing_is_due_in_an_empty_store(store: &Store) {
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_claimed_message_reads_as_it_was_written_down(store: &Store) {
    let message = |template, address| OutboxMessage {
        id: NotificationId::from_u128(a_fresh_id()),
        template,
        address,
    };
    let webhook = Address::Webhook(WebhookId::from_u128(u128::MAX));
    let mut messages = vec![
        message(
            Template::CaseReceivedCustomer,
            Address::Email("John@Example.com".parse().unwrap()),
        ),
        message(Template::CaseUrgentStaff, Address::Phone("+4989123456".parse().unwrap())),
        message(Template::CaseEvent, webhook),
    ];
    let change_set = a_change_set(an_opened(1), messages.clone());
    store.cases.commit(change_set.clone()).await.unwrap();

    let mut claimed = store.claim(10, LONG).await;
    claimed.sort_by_key(|message| message.id);
    messages.sort_by_key(|message| message.id);
    assert_eq!(claimed.len(), 3);
    for (claimed, message) in claimed.into_iter().zip(messages) {
        assert_eq!(claimed.address.to_string(), message.address.to_string());
        let expected = ClaimedMessage {
            id: message.id,
            claim: claimed.claim,
            attempt: 1,
            case_number: change_set.case.number().clone(),
            template: message.template,
            address: message.address,
            snapshot: change_set.snapshot.clone(),
        };
        assert_eq!(claimed, expected);
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

pub async fn a_message_keeps_the_snapshot_of_its_own_event(store: &Store) {
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

pub async fn a_claimed_message_is_not_claimed_again_while_its_lease_runs(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    store.claim_one(LONG).await;
    assert!(store.claim(10, LONG).await.is_empty());
    assert!(store.claim(10, SHORT).await.is_empty());
}

pub async fn a_message_whose_lease_ran_out_is_due_and_the_attempt_counts(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(SHORT).await;
    let second = claim_when_due(store, SHORT).await;
    let third = claim_when_due(store, LONG).await;
    assert_eq!([first.id, first.id], [second.id, third.id]);
    assert_eq!([first.attempt, second.attempt, third.attempt], [1, 2, 3]);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_claim_that_was_taken_over_completes_nothing(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(SHORT).await;
    let present = claim_when_due(store, LONG).await;
    assert_ne!(stale.claim, present.claim);
    for completion in [Completion::Sent, dead(), retry(Duration::ZERO), Completion::Released] {
        assert!(!complete(store, &stale, completion).await);
    }
    assert!(store.claim(10, LONG).await.is_empty(), "the message is still claimed");
    assert!(complete(store, &present, Completion::Sent).await);
}

pub async fn a_claim_that_ran_out_holds_until_another_takes_it_over(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    a_moment().await;
    assert!(complete(store, &message, Completion::Sent).await);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn what_was_never_claimed_so_is_not_completed(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    let stranger = NotificationId::from_u128(a_fresh_id());
    let completed = store.outbox.complete(stranger, message.claim, Completion::Sent).await;
    assert!(!completed.unwrap());
    let forged = ClaimToken(message.claim.0.wrapping_add(1));
    let completed = store.outbox.complete(message.id, forged, Completion::Sent).await;
    assert!(!completed.unwrap());
    assert!(complete(store, &message, Completion::Released).await, "it is still claimed");
}

pub async fn a_claim_completes_once(store: &Store) {
    for (sequence, end) in (1..).zip([Completion::Sent, dead(), retry(LONG), Completion::Released])
    {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(LONG).await;
        assert!(complete(store, &message, end.clone()).await);
        for again in [Completion::Sent, dead(), retry(Duration::ZERO), Completion::Released] {
            assert!(!complete(store, &message, again.clone()).await, "{end:?} {again:?}");
        }
        if end == Completion::Released {
            store.claim_one(LONG).await;
        } else {
            assert!(store.claim(10, LONG).await.is_empty(), "{end:?}");
        }
    }
}

pub async fn a_finished_message_is_never_claimed_again(store: &Store) {
    for (sequence, end) in (1..).zip([Completion::Sent, dead()]) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(SHORT).await;
        assert!(complete(store, &message, end.clone()).await);
        a_moment().await;
        assert!(store.claim(10, SHORT).await.is_empty(), "{end:?}");
    }
}

pub async fn a_message_to_be_tried_again_is_not_due_until_then(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    assert!(complete(store, &message, retry(LONG)).await);
    a_moment().await;
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_message_to_be_tried_again_is_due_then_as_the_next_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    assert!(complete(store, &first, retry(SHORT)).await);
    let second = claim_when_due(store, LONG).await;
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert_ne!(second.claim, first.claim);
    assert_eq!(second.snapshot, first.snapshot);
}

pub async fn a_message_waits_as_long_as_it_is_told(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    let delay = Duration::from_millis(300);
    let began = tokio::time::Instant::now();
    assert!(complete(store, &first, retry(delay)).await);
    claim_when_due(store, LONG).await;
    // Both clocks count whole milliseconds, each from its own beginning.
    assert!(began.elapsed() + Duration::from_millis(5) >= delay, "{:?}", began.elapsed());
}

pub async fn a_released_message_is_due_at_once_and_the_attempt_does_not_count(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    for _ in 0..3 {
        let message = store.claim_one(LONG).await;
        assert_eq!(message.attempt, 1);
        assert!(complete(store, &message, Completion::Released).await);
    }
    let message = store.claim_one(LONG).await;
    assert!(complete(store, &message, retry(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert!(complete(store, &message, Completion::Released).await);
    assert_eq!(store.claim_one(LONG).await.attempt, 2);
}

pub async fn a_deferred_message_waits_and_the_attempt_does_not_count(store: &Store) {
    let deferred = |after| Completion::Deferred { after, reason: "the channel is down".to_owned() };
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(complete(store, &message, deferred(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert_eq!(message.attempt, 1);
    assert!(complete(store, &message, deferred(LONG)).await);
    assert!(store.claim(10, LONG).await.is_empty(), "the message has to wait");
}

pub async fn no_more_are_claimed_than_asked_for(store: &Store) {
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

pub async fn the_longest_due_are_claimed_first(store: &Store) {
    let mut sequence = 0;
    for address in ["a@x.example", "b@x.example", "c@x.example"] {
        sequence += 1;
        enqueue(store, sequence, &[address]).await;
        a_moment().await;
    }
    let oldest = store.claim(1, LONG).await.remove(0);
    assert_eq!(oldest.address.to_string(), "a@x.example");
    // It comes back as the one that became due last.
    assert!(complete(store, &oldest, retry(Duration::ZERO)).await);
    a_moment().await;
    for expected in ["b@x.example", "c@x.example", "a@x.example"] {
        let claimed = store.claim(1, LONG).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].address.to_string(), expected);
    }
}

pub async fn those_claimed_together_come_with_the_longest_due_first(store: &Store) {
    let addresses = ["c@x.example", "a@x.example", "d@x.example", "b@x.example"];
    for (sequence, address) in (1..).zip(addresses) {
        enqueue(store, sequence, &[address]).await;
        a_moment().await;
    }
    let claimed = store.claim(10, LONG).await;
    let claimed: Vec<_> = claimed.iter().map(|message| message.address.to_string()).collect();
    assert_eq!(claimed, addresses);
}

pub async fn many_who_claim_at_once_never_get_the_same_message(store: &Store) {
    for sequence in 1..=12 {
        let to: Vec<_> = (0..5).map(|n| format!("{sequence}-{n}@x.example")).collect();
        enqueue(store, sequence, &to.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let claimed = all_at_once((0..8).map(|_| {
        let store = store.clone();
        async move {
            let mut claimed = Vec::new();
            let mut empty_handed = 0;
            // Others may hold what is left for a moment, so one empty answer is not the end.
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

pub async fn a_message_that_fails_does_not_hold_others_back(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example"]).await;
    let claimed = store.claim(2, LONG).await;
    assert!(complete(store, &claimed[0], dead()).await);
    assert!(complete(store, &claimed[1], Completion::Released).await);
    assert_eq!(store.claim_one(LONG).await.id, claimed[1].id);
}
