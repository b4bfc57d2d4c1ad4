use engage_domain::{Channel, Timestamp};
use engage_repository::{ChannelStatus, Claim, ClaimOutcome};

use crate::builders::{a_claim, a_message_to, a_phone_number, an_opened};
use crate::contract::delivery::{a_moment, enqueue};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

async fn stop(store: &Store, channel: Channel, reason: &str) {
    store.outbox.stop_channel(channel, reason).await.expect("a channel is stopped");
}

async fn start(store: &Store, channel: Channel) {
    store.outbox.start_channel(channel).await.expect("a channel is started");
}

async fn channels(store: &Store) -> Vec<ChannelStatus> {
    store.outbox.list_channels().await.expect("channels are listed")
}

/// Returns when and why a channel was stopped.
async fn stopped(store: &Store, channel: Channel) -> Option<(Timestamp, String)> {
    let channels = channels(store).await;
    channels.into_iter().find(|status| status.channel == channel).expect("all are listed").stopped
}

pub async fn every_channel_is_listed_in_order_and_runs_at_first(store: &Store) {
    let running = |&channel| ChannelStatus { channel, stopped: None };
    let expected: Vec<_> = Channel::ALL.iter().map(running).collect();
    assert_eq!(channels(store).await, expected);
}

pub async fn a_stopped_channel_is_listed_with_the_reason(store: &Store) {
    stop(store, Channel::Sms, "20003: wrong credentials — prüfen").await;
    let channels = channels(store).await;
    assert_eq!(channels.iter().map(|status| status.channel).collect::<Vec<_>>(), Channel::ALL);
    for ChannelStatus { channel, stopped } in channels {
        let reason = (channel == Channel::Sms).then_some("20003: wrong credentials — prüfen");
        assert_eq!(stopped.as_ref().map(|(_, reason)| reason.as_str()), reason, "{channel}");
    }
}

pub async fn stopping_a_channel_again_updates_only_the_reason(store: &Store) {
    stop(store, Channel::Email, "535 authentication failed").await;
    let (since, _) = stopped(store, Channel::Email).await.expect("it is stopped");
    a_moment().await;
    stop(store, Channel::Email, "530 authentication required").await;
    let again = stopped(store, Channel::Email).await;
    assert_eq!(again, Some((since, "530 authentication required".to_owned())));
}

pub async fn stopping_a_restarted_channel_records_a_new_time(store: &Store) {
    stop(store, Channel::Email, "535").await;
    let (first, _) = stopped(store, Channel::Email).await.expect("it is stopped");
    a_moment().await;
    start(store, Channel::Email).await;
    assert_eq!(stopped(store, Channel::Email).await, None);
    stop(store, Channel::Email, "530").await;
    let (second, reason) = stopped(store, Channel::Email).await.expect("it is stopped");
    assert!(second > first);
    assert_eq!(reason, "530");
}

pub async fn a_channel_stopped_concurrently_is_stopped_once(store: &Store) {
    all_at_once((0..8).map(|n| {
        let store = store.clone();
        async move { stop(&store, Channel::Webhook, &format!("reason {n}")).await }
    }))
    .await;
    let (_, reason) = stopped(store, Channel::Webhook).await.expect("it is stopped");
    assert!(reason.starts_with("reason "));
    start(store, Channel::Webhook).await;
    assert_eq!(stopped(store, Channel::Webhook).await, None);
}

pub async fn a_running_channel_can_be_started_again(store: &Store) {
    start(store, Channel::Email).await;
    enqueue(store, 1, &["a@x.example"]).await;
    assert!(!store.claim_one(LONG).await.is_trial);
    every_channel_is_listed_in_order_and_runs_at_first(store).await;
}

pub async fn a_stopped_channel_yields_nothing_before_the_first_trial_delivery(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    stop(store, Channel::Email, "535").await;
    let claimed = all_at_once((0..8).map(|_| {
        let store = store.clone();
        async move { store.claim(10, LONG).await }
    }));
    assert_eq!(claimed.await.concat(), []);
}

pub async fn other_channels_continue_while_one_is_stopped(store: &Store) {
    let message = a_message_to(a_phone_number("+4989123456"));
    store.commit(an_opened(1), vec![message.clone()]).await.expect("a case is opened");
    stop(store, Channel::Email, "535").await;
    stop(store, Channel::Webhook, "no route").await;
    let claimed = store.claim_due(Claim { channel: Channel::Sms, ..a_claim() }).await;
    let claimed: Vec<_> = claimed.iter().map(|m| (m.id, m.is_trial)).collect();
    assert_eq!(claimed, [(message.id, false)]);
}

pub async fn a_started_channel_yields_everything_due(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example"]).await;
    stop(store, Channel::Email, "535").await;
    enqueue(store, 2, &["c@x.example"]).await;
    start(store, Channel::Email).await;
    let claimed = store.claim(10, LONG).await;
    assert_eq!(claimed.len(), 3);
    assert!(claimed.iter().all(|message| !message.is_trial && message.attempt == 1));
}

pub async fn a_claim_holds_while_its_channel_is_stopped(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    stop(store, Channel::Email, "535").await;
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
}
