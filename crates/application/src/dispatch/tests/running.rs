//! When messages are claimed, how many at once, and how the work ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use engage_repository::RepositoryError;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_claim_holds_half_a_minute_longer_than_a_delivery_may_take() {
    let mut harness = Harness::open(webhooks([1]), always(Ok(())), DispatcherSettings::default());
    harness.outcome().await;
    let claims = harness.claims.lock().unwrap();
    for (channel, lease) in [(Channel::Email, 210), (Channel::Sms, 45), (Channel::Webhook, 50)] {
        let mut of_channel = claims.iter().filter(|(_, claim)| claim.channel == channel).peekable();
        assert!(of_channel.peek().is_some(), "{channel}");
        assert!(of_channel.all(|(_, claim)| claim.lease == seconds(lease)), "{channel}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_bell_wakes_it_at_once() {
    let settings = DispatcherSettings { poll: HOUR, ..DispatcherSettings::default() };
    let mut harness = Harness::open([], always(Ok(())), settings);
    for id in 1..=3 {
        sleep(seconds(10)).await;
        harness.put(webhooks([id]));
        let rung = Instant::now();
        harness.outbox_signal.notify();
        assert_eq!(harness.ended().await, (id, ClaimOutcome::Sent));
        assert!(rung.elapsed() < seconds(1), "{:?}", rung.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_rang_for_is_found_within_the_time_of_a_poll() {
    let mut harness = Harness::open([], always(Ok(())), DispatcherSettings::default());
    for id in 1..=3 {
        sleep(Duration::from_millis(2300)).await;
        harness.put(webhooks([id]));
        let put = Instant::now();
        assert_eq!(harness.ended().await, (id, ClaimOutcome::Sent));
        let waited = put.elapsed();
        assert!(waited > Duration::ZERO && waited <= seconds(1), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn never_more_are_on_their_way_than_there_are_slots() {
    let (present, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (present.clone(), most.clone());
    let channels = all_channels(move |notification| {
        let (now, peak) = (now.clone(), peak.clone());
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(
                100 + 37 * (u64::try_from(notification.id.as_u128()).unwrap() % 5),
            ))
            .await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    });
    let channels = with_slots(3, channels);
    let mut harness = Harness::open(webhooks(1..=40), channels, DispatcherSettings::default());
    for _ in 1..=40 {
        assert_eq!(harness.outcome().await, ClaimOutcome::Sent);
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert!(harness.claims.lock().unwrap().iter().all(|(_, claim)| claim.limit.get() <= 3));
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_becomes_free_is_filled_at_once() {
    let settings = DispatcherSettings { poll: HOUR, ..DispatcherSettings::default() };
    let channels = with_slots(1, taking(seconds(2)));
    let mut harness = Harness::open(webhooks(1..=4), channels, settings);
    let began = Instant::now();
    for id in 1..=4 {
        assert_eq!(harness.ended().await, (id, ClaimOutcome::Sent));
    }
    let took = began.elapsed();
    assert!((seconds(8)..seconds(9)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outbox_that_fails_is_asked_again_at_the_next_poll() {
    let mut outbox = MockOutboxRepository::new();
    let failures = Arc::new(AtomicUsize::new(0));
    let count = failures.clone();
    let mut waiting = webhooks([1]);
    outbox.expect_claim_due().returning(move |claim| {
        // Three workers fail five times each.
        if count.fetch_add(1, Ordering::SeqCst) < 15 {
            return Err(RepositoryError::unavailable("no connection"));
        }
        let is_wanted = claim.channel == Channel::Webhook;
        Ok(if is_wanted { std::mem::take(&mut waiting) } else { Vec::new() })
    });
    let settings = DispatcherSettings::default();
    let began = Instant::now();
    let (waiting, claims) = Default::default();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, always(Ok(())), settings);
    assert!(harness.status.is_working(), "nobody looked yet");
    sleep(Duration::from_millis(1)).await;
    assert!(!harness.status.is_working());
    assert_eq!(harness.outcome().await, ClaimOutcome::Sent);
    assert!(harness.status.is_working());
    assert!(began.elapsed() >= seconds(5), "a failing outbox is not asked without pause");
    harness.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_taken_over_stops_nothing() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().extend(webhooks(1..=2));
    outbox.expect_complete().once().returning(|attempts| Ok(vec![false; attempts.len()]));
    let (channels, settings) = (with_slots(1, always(Ok(()))), DispatcherSettings::default());
    let mut harness = Harness::with_outbox(outbox, waiting, claims, channels, settings);
    assert_eq!(harness.ended().await, (2, ClaimOutcome::Sent));
    harness.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_cannot_be_recorded_is_recorded_later_and_not_made_again() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().extend(webhooks([1]));
    outbox
        .expect_complete()
        .times(20)
        .returning(|_| Err(RepositoryError::unavailable("no connection")));
    let settings = DispatcherSettings::default();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, always(Ok(())), settings);
    assert_eq!(harness.ended().await, (1, ClaimOutcome::Sent));
    harness.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_free_before_the_attempt_is_recorded() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().extend(webhooks(1..=3));
    outbox
        .expect_complete()
        .times(20)
        .returning(|_| Err(RepositoryError::unavailable("no connection")));
    let delivered = Arc::new(AtomicUsize::new(0));
    let count = delivered.clone();
    let channels = all_channels(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(()))
    });
    let (channels, settings) = (with_slots(1, channels), DispatcherSettings::default());
    let mut harness = Harness::with_outbox(outbox, waiting, claims, channels, settings);
    sleep(seconds(1)).await;
    assert_eq!(delivered.load(Ordering::SeqCst), 3);
    for id in 1..=3 {
        assert_eq!(harness.ended().await, (id, ClaimOutcome::Sent));
    }
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_a_message_goes_as_soon_as_its_end_is_recorded() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().extend(webhooks([1]));
    let behind = waiting.clone();
    outbox.expect_complete().once().returning(move |attempts| {
        behind.lock().unwrap().extend(webhooks([2]));
        Ok(vec![true; attempts.len()])
    });
    let settings = DispatcherSettings { poll: HOUR, ..DispatcherSettings::default() };
    let began = Instant::now();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, always(Ok(())), settings);
    assert_eq!(harness.ended().await, (2, ClaimOutcome::Sent));
    assert!(began.elapsed() < seconds(1));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_cannot_be_recorded_for_long_is_left_to_the_end_of_its_lease() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().extend(webhooks([1]));
    let began = Instant::now();
    outbox.expect_complete().returning(|_| Err(RepositoryError::unavailable("no connection")));
    let settings = DispatcherSettings { drain: HOUR, ..DispatcherSettings::default() };
    let harness = Harness::with_outbox(outbox, waiting, claims, always(Ok(())), settings);
    sleep(seconds(1)).await;
    harness.stop().await;
    let took = began.elapsed();
    assert!((seconds(25)..seconds(30)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_hangs_holds_up_no_other() {
    let channels = all_channels(|notification| async move {
        if notification.address.channel() == Channel::Email {
            std::future::pending::<()>().await;
        }
        Ok(())
    });
    let messages = [a_message(1, Channel::Email), a_message(2, Channel::Sms)];
    let mut harness =
        Harness::open(messages, with_slots(1, channels), DispatcherSettings::default());
    let began = Instant::now();
    assert_eq!(harness.ended().await, (2, ClaimOutcome::Sent));
    assert!(began.elapsed() < seconds(1));
}

#[tokio::test(start_paused = true)]
async fn a_notifier_that_panics_failed_in_a_way_that_may_pass_and_stops_nothing() {
    let channels = all_channels(|notification| async move {
        assert_ne!(notification.id.as_u128() % 2, 0, "a defect in a notifier");
        Ok(())
    });
    let settings = DispatcherSettings { poll: HOUR, ..DispatcherSettings::default() };
    let mut harness = Harness::open(webhooks(1..=7), with_slots(1, channels), settings);
    for expected in 1..=7 {
        let (id, outcome) = harness.ended().await;
        assert_eq!(id, expected);
        match outcome {
            ClaimOutcome::Sent => assert_eq!(id % 2, 1),
            ClaimOutcome::Retry { .. } => assert_eq!(id % 2, 0),
            other => panic!("{id}: {other:?}"),
        }
    }
    harness.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_is_under_way_and_claims_no_more() {
    let channels = with_slots(2, taking(seconds(10)));
    let mut harness = Harness::open(webhooks(1..=9), channels, DispatcherSettings::default());
    sleep(seconds(1)).await;
    harness.stop.send(true).unwrap();
    harness.outbox_signal.notify();
    let stopped = Instant::now();
    harness.end().await;
    let took = stopped.elapsed();
    assert!((seconds(9)..seconds(10)).contains(&took), "{took:?}");
    assert_eq!(harness.ended().await, (1, ClaimOutcome::Sent));
    assert_eq!(harness.ended().await, (2, ClaimOutcome::Sent));
    assert_eq!(harness.waiting.lock().unwrap().len(), 7);
    assert!(harness.claims.lock().unwrap().iter().all(|(at, _)| *at < stopped));
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_beyond_the_time_for_draining() {
    let settings = DispatcherSettings { drain: seconds(25), ..DispatcherSettings::default() };
    let mut harness = Harness::open([a_message(1, Channel::Email)], taking(seconds(100)), settings);
    sleep(seconds(1)).await;
    harness.stop.send(true).unwrap();
    let stopped = Instant::now();
    harness.end().await;
    let took = stopped.elapsed();
    assert!((seconds(25)..seconds(26)).contains(&took), "{took:?}");
    sleep(seconds(200)).await;
    assert!(harness.completions.try_recv().is_err(), "its lease runs out instead");
}

#[tokio::test(start_paused = true)]
async fn a_dispatcher_goes_on_while_it_is_told_not_to_stop() {
    let mut harness = Harness::open([], always(Ok(())), DispatcherSettings::default());
    sleep(seconds(1)).await;
    harness.stop.send(false).unwrap();
    sleep(seconds(1)).await;
    harness.put(webhooks([1]));
    assert_eq!(harness.ended().await, (1, ClaimOutcome::Sent));
    harness.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_dispatcher_stops_at_once() {
    let settings = DispatcherSettings { poll: HOUR, ..DispatcherSettings::default() };
    let harness = Harness::open([], always(Ok(())), settings);
    sleep(seconds(1)).await;
    let began = Instant::now();
    harness.stop().await;
    assert!(began.elapsed() < seconds(1));
}

#[tokio::test(start_paused = true)]
async fn a_dispatcher_that_nobody_can_stop_any_more_stops() {
    let mut harness =
        Harness::open(webhooks([1]), taking(seconds(3)), DispatcherSettings::default());
    sleep(seconds(1)).await;
    drop(std::mem::replace(&mut harness.stop, watch::channel(false).0));
    harness.end().await;
    assert!(harness.completions.try_recv().is_ok(), "what was under way is finished");
}

#[tokio::test(start_paused = true)]
async fn a_dispatcher_that_is_told_to_stop_first_claims_nothing() {
    let mut outbox = MockOutboxRepository::new();
    outbox.expect_claim_due().never();
    let channels = always(Ok(()));
    let (_stop, stopped) = watch::channel(true);
    let settings = DispatcherSettings::default();
    let outbox_signal = OutboxSignal::default();
    Dispatcher::new(Arc::new(outbox), channels, endpoints(), links(), outbox_signal, settings)
        .run(stopped)
        .await;
}

/// A channel over which one message goes at a time.
struct Narrow {
    is_closed: Arc<AtomicBool>,
}

#[async_trait]
impl Notifier for Narrow {
    async fn deliver(&self, _: &Notification) -> Result<(), NotifyError> {
        sleep(seconds(100)).await;
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile { slots: concurrent(1), ..profile_of(Channel::Email) }
    }

    async fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_are_claimed_than_the_channel_can_have_on_their_way() {
    let is_closed = Arc::new(AtomicBool::new(false));
    let narrow: Arc<dyn Notifier> = Arc::new(Narrow { is_closed: is_closed.clone() });
    let channels = Channels::from([(Channel::Email, narrow)]);
    let messages = (1..=4).map(|id| a_message(id, Channel::Email));
    let mut harness = Harness::open(messages, channels, DispatcherSettings::default());
    for id in 1..=4 {
        assert_eq!(harness.ended().await, (id, ClaimOutcome::Sent), "none waited in its own time");
    }
    assert!(!is_closed.load(Ordering::SeqCst));
    harness.stop().await;
    assert!(is_closed.load(Ordering::SeqCst), "nothing comes after it");
}
