use engage_domain::Channel;
use engage_domain::notify::NotificationStatus;
use engage_repository::{Claim, ClaimOutcome, ClaimedMessage, RefusedMessage};

use crate::builders::{a_claim, a_message_to, a_phone_number, an_opened};
use crate::contract::delivery::{dead, deferred, enqueue, retry};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

/// Starts to deliver a notification about a new case.
async fn begin(store: &Store, sequence: u64, to: &str) -> ClaimedMessage {
    enqueue(store, sequence, &[to]).await;
    store.claim_one(LONG).await
}

fn refused(message: &ClaimedMessage, kind: &str, is_ours: bool) -> RefusedMessage {
    RefusedMessage {
        id: message.id,
        channel: message.address.channel(),
        kind: kind.to_owned(),
        is_ours,
        depends_on_recipient: true,
    }
}

async fn note(store: &Store, refused: RefusedMessage) -> bool {
    store.outbox.note_refusal(refused).await.expect("a refusal is noted")
}

/// Records the refusal of a notification to a trusted or any other address. Returns whether it
/// stops the channel.
async fn refuse(store: &Store, sequence: u64, to: &str, kind: &str) -> bool {
    let message = begin(store, sequence, to).await;
    note(store, refused(&message, kind, to.ends_with("@desk.example"))).await
}

const OURS: &str = "team@desk.example";

pub async fn one_refusal_does_not_stop_the_channel(store: &Store) {
    assert!(!refuse(store, 1, OURS, "554 denied — verweigert").await);
}

pub async fn two_equal_refusals_including_a_trusted_recipient_stop_the_channel(store: &Store) {
    assert!(!refuse(store, 1, "a@x.example", "554 denied").await);
    assert!(!refuse(store, 2, "b@x.example", "554 denied").await);
    assert!(refuse(store, 3, OURS, "554 denied").await);
    assert!(refuse(store, 4, "c@x.example", "554 denied").await, "and still does");
}

pub async fn equal_refusals_of_untrusted_recipients_do_not_stop_the_channel(store: &Store) {
    for sequence in 1..=5 {
        let to = format!("stranger{sequence}@x.example");
        assert!(!refuse(store, sequence, &to, "550 no").await);
    }
}

pub async fn repeated_refusals_of_one_recipient_do_not_stop_the_channel(store: &Store) {
    for (sequence, to) in (1..).zip([OURS, "Team@Desk.example", OURS]) {
        let message = begin(store, sequence, to).await;
        for _ in 0..2 {
            assert!(!note(store, refused(&message, "550 no", true)).await);
        }
    }
}

pub async fn refusals_of_different_kinds_do_not_stop_the_channel(store: &Store) {
    assert!(!refuse(store, 1, "a@x.example", "550 no").await);
    assert!(!refuse(store, 2, OURS, "554 no").await);
    assert!(!refuse(store, 3, "b@x.example", "550 no").await);
    assert!(refuse(store, 4, OURS, "550 no").await);
}

pub async fn an_accepted_notification_resets_the_refusals(store: &Store) {
    assert!(!refuse(store, 1, "a@x.example", "550 no").await);
    let accepted = begin(store, 2, "b@x.example").await;
    assert!(store.complete(&accepted, ClaimOutcome::Sent).await);
    assert!(!refuse(store, 3, OURS, "550 no").await);
    let given_up = begin(store, 4, "c@x.example").await;
    assert!(store.complete(&given_up, dead()).await);
    assert!(refuse(store, 5, "d@x.example", "550 no").await, "that did not count as accepted");
}

pub async fn an_accepted_notification_of_another_channel_resets_nothing(store: &Store) {
    assert!(!refuse(store, 1, OURS, "550 no").await);
    let text = a_message_to(a_phone_number("+4989123456"));
    store.commit(an_opened(2), vec![text]).await.expect("a case is opened");
    let texts = store.claim_due(Claim { channel: Channel::Sms, ..a_claim() }).await;
    assert!(
        !note(store, refused(&texts[0], "550 no", true)).await,
        "each channel counts its own refusals"
    );
    assert!(store.complete(&texts[0], ClaimOutcome::Sent).await);
    assert!(refuse(store, 3, "a@x.example", "550 no").await);
}

pub async fn two_refusals_independent_of_the_recipient_stop_the_channel(store: &Store) {
    let mut shown = Vec::new();
    for sequence in 1..=2 {
        let message = begin(store, sequence, "a@x.example").await;
        let refused =
            RefusedMessage { depends_on_recipient: false, ..refused(&message, "421 busy", false) };
        shown.push(note(store, refused.clone()).await);
        if sequence == 1 {
            assert!(
                !note(store, refused).await,
                "a repeated refusal of one notification counts once"
            );
        }
    }
    assert_eq!(shown, [false, true]);
}

pub async fn dead_notifications_with_the_same_refusal_are_due_again(store: &Store) {
    let other = begin(store, 1, "gone@x.example").await;
    assert!(store.complete(&other, dead()).await);
    let first = begin(store, 2, "a@x.example").await;
    assert!(!note(store, refused(&first, "550 no", false)).await);
    assert!(store.complete(&first, dead()).await);
    assert!(refuse(store, 3, OURS, "550 no").await);
    let shown = store.notification(first.id).await;
    assert_eq!((shown.status, shown.attempts), (NotificationStatus::Pending, 0));
    assert_eq!(shown.finished_at, None);
    assert_eq!(store.claim_one(LONG).await.id, first.id);
    assert_eq!(store.notification(other.id).await.status, NotificationStatus::Dead);
}

pub async fn an_attempt_recorded_after_the_stop_does_not_count(store: &Store) {
    for (sequence, end) in [(1, dead()), (3, retry(LONG))] {
        let first = begin(store, sequence, &format!("a{sequence}@x.example")).await;
        assert!(!note(store, refused(&first, "550 no", false)).await);
        let second = begin(store, sequence + 1, OURS).await;
        assert!(note(store, refused(&second, "550 no", true)).await);
        store.outbox.stop_channel(Channel::Email, "550 no").await.expect("it is stopped");
        assert!(store.complete(&first, end).await);
        assert!(store.complete(&second, deferred(LONG)).await);
        for message in [&first, &second] {
            let shown = store.notification(message.id).await;
            assert_eq!((shown.status, shown.attempts), (NotificationStatus::Pending, 0));
        }
        store.outbox.start_channel(Channel::Email).await.expect("it is started");
        assert_eq!(store.claim_one(LONG).await.id, first.id);
    }
}

pub async fn starting_a_channel_resets_the_refusals(store: &Store) {
    assert!(!refuse(store, 1, "a@x.example", "550 no").await);
    assert!(refuse(store, 2, OURS, "550 no").await);
    store.outbox.stop_channel(Channel::Email, "550 no").await.expect("it is stopped");
    store.outbox.start_channel(Channel::Email).await.expect("it is started");
    assert!(!refuse(store, 3, OURS, "550 no").await);
}

pub async fn two_concurrent_refusals_stop_the_channel(store: &Store) {
    enqueue(store, 1, &[OURS, "a@x.example"]).await;
    let claimed = store.claim(10, LONG).await;
    let shown = all_at_once(claimed.into_iter().map(|message| {
        let store = store.clone();
        async move {
            let is_ours = message.address.to_string() == OURS;
            note(&store, refused(&message, "550 no", is_ours)).await
        }
    }));
    assert!(shown.await.contains(&true));
}
