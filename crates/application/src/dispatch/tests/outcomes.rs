//! How an attempt ends, and what becomes of the message.

use std::collections::HashSet;

use engage_testkit::builders::a_trace;

use super::*;

#[tokio::test(start_paused = true)]
async fn an_accepted_message_is_sent_as_it_was_claimed() {
    let message = a_message(5, Channel::Email);
    let ClaimedMessage { id, case_number, template, address, snapshot, .. } = message.clone();
    let access = CustomerAccess::default();
    let gathered = Vec::new();
    let expected = Notification {
        id,
        case_number,
        template,
        address,
        snapshot,
        access,
        gathered,
        trace: None,
    };
    let channels = all_channels(move |notification| {
        assert_eq!(notification, expected);
        std::future::ready(Ok(()))
    });
    assert_eq!(outcome_of(message, channels).await, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_span_of_its_own_in_the_trace_of_the_change() {
    let of_change = a_trace();
    let mut spans = HashSet::from([of_change.span_id()]);
    for attempt in 1..=3 {
        let message = ClaimedMessage {
            attempt,
            trace: Some(of_change.clone()),
            ..a_message(1, Channel::Webhook)
        };
        let (sender, receiver) = std::sync::mpsc::channel();
        let channels = all_channels(move |notification| {
            sender.send(notification.trace).unwrap();
            std::future::ready(Ok(()))
        });
        assert_eq!(outcome_of(message, channels).await, ClaimOutcome::Sent);
        let own = receiver.recv().unwrap().unwrap();
        assert_eq!(own, of_change.child(own.span_id()));
        assert!(spans.insert(own.span_id()), "{own}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_no_change_caused_has_no_trace() {
    for template in [Template::CaseAccessCustomer, Template::EndpointDisabledStaff] {
        let trace = Some(a_trace());
        let message = ClaimedMessage { template, trace, ..a_message(1, Channel::Email) };
        let channels = all_channels(move |notification| {
            assert_eq!(notification.trace, None, "{template}");
            std::future::ready(Ok(()))
        });
        assert_eq!(outcome_of(message, channels).await, ClaimOutcome::Sent, "{template}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_to_a_customer_carries_a_link_to_the_case_as_it_may_be_proved_now() {
    let at = "2025-01-27T10:00:00Z";
    let snapshot = a_change().snapshot;
    for (template, channel, has_link) in [
        (Template::CaseReceivedCustomer, Channel::Email, true),
        (Template::CaseUpdatedCustomer, Channel::Email, true),
        (Template::CaseUpdatedCustomer, Channel::Sms, false),
        (Template::CaseUpdatedStaff, Channel::Email, false),
        (Template::CaseEvent, Channel::Webhook, false),
    ] {
        let snapshot = snapshot.clone();
        let message = ClaimedMessage { template, snapshot, ..a_message(1, channel) };
        let (case, generation) = (message.case_id, message.access_generation);
        let token = tokens().issue(case, generation, at.parse().unwrap());
        let mark = match &message.address {
            Address::Email(address) => tokens().link_mark(case, address).expose().to_owned(),
            Address::Phone(_) | Address::Webhook(_) => String::new(),
        };
        let page = format!("https://desk.example/support?mark={mark}");
        let link = format!("{page}#CW-2025-001/{}", token.expose());
        let expected =
            CustomerAccess { link: has_link.then_some(link), ..CustomerAccess::default() };
        let channels = all_channels(move |notification| {
            assert_eq!(notification.access, expected, "{template}");
            assert_eq!(format!("{:?}", notification.access), "CustomerAccess(..)");
            std::future::ready(Ok(()))
        });
        assert_eq!(outcome_of(message, channels).await, ClaimOutcome::Sent, "{template}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_made_when_it_is_sent_and_comes_without_a_link() {
    let message = a_message(9, Channel::Email);
    let code_expires_at = Some(Timestamp::from_millis(900_000));
    let message = ClaimedMessage {
        template: Template::CaseAccessCustomer,
        expires_at: code_expires_at,
        ..message
    };
    let code = tokens().code(message.id).to_string();
    let code = Some(code);
    let expected = CustomerAccess { code, code_expires_at, ..CustomerAccess::default() };
    let channels = all_channels(move |notification| {
        assert_eq!(notification.access, expected);
        std::future::ready(Ok(()))
    });
    assert_eq!(outcome_of(message, channels).await, ClaimOutcome::Sent);
}

#[tokio::test(start_paused = true)]
async fn every_message_goes_by_the_channel_of_its_address() {
    for &channel in Channel::ALL {
        let mut channels = always(Err(transient(None)));
        channels.extend(always(Ok(())).remove(&channel).map(|notifier| (channel, notifier)));
        assert_eq!(outcome_of(a_message(1, channel), channels).await, ClaimOutcome::Sent);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_after_the_back_off_of_its_channel_and_attempt() {
    for (channel, number, nominal) in [
        (Channel::Webhook, 1, seconds(5)),
        (Channel::Webhook, 3, seconds(30 * 60)),
        (Channel::Email, 2, seconds(5 * 60)),
        (Channel::Sms, 3, HOUR),
    ] {
        let outcome = outcome_of(attempt(number, channel), always(Err(transient(None)))).await;
        let ClaimOutcome::Retry { after, reason } = outcome else { panic!("{outcome:?}") };
        assert!((nominal.mul_f64(0.79)..nominal.mul_f64(1.21)).contains(&after), "{after:?}");
        assert_eq!(reason, "503");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_be_left_alone_is_heard() {
    let channels = always(Err(transient(Some(HOUR))));
    let outcome = outcome_of(a_message(1, Channel::Webhook), channels).await;
    assert_eq!(outcome, ClaimOutcome::Retry { after: HOUR, reason: "503".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_message_is_given_up_after_its_last_attempt() {
    for (channel, last) in [(Channel::Webhook, 5), (Channel::Email, 3), (Channel::Sms, 4)] {
        let outcome = outcome_of(attempt(last, channel), always(Err(transient(None)))).await;
        assert_eq!(outcome, ClaimOutcome::Dead { reason: "given up: 503".to_owned() }, "{channel}");
        let outcome = outcome_of(attempt(last - 1, channel), always(Err(transient(None)))).await;
        assert!(matches!(outcome, ClaimOutcome::Retry { .. }), "{channel}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_will_never_be_accepted_is_dead_at_once() {
    let reason = "550 no such user".to_owned();
    let channels = always(Err(NotifyError::Rejected { reason: reason.clone() }));
    let outcome = outcome_of(a_message(1, Channel::Email), channels).await;
    assert_eq!(outcome, ClaimOutcome::Dead { reason });
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_takes_no_message_is_tried_again_after_a_minute() {
    let reason = "535 wrong password".to_owned();
    let channels = always(Err(NotifyError::ChannelDown { reason: reason.clone() }));
    for number in [1, 50] {
        let outcome = outcome_of(attempt(number, Channel::Email), channels.clone()).await;
        assert_eq!(outcome, ClaimOutcome::Deferred { after: seconds(60), reason: reason.clone() });
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_not_set_up_is_looked_for_again_after_a_minute() {
    let outcome = outcome_of(a_message(1, Channel::Sms), Channels::new()).await;
    let reason = "the channel is not set up".to_owned();
    assert_eq!(outcome, ClaimOutcome::Deferred { after: seconds(60), reason });
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_hangs_is_ended_at_the_deadline_of_its_channel() {
    for (channel, deadline) in [(Channel::Email, 180), (Channel::Sms, 15), (Channel::Webhook, 20)] {
        let began = Instant::now();
        let hanging = all_channels(|_| std::future::pending());
        let outcome = outcome_of(a_message(1, channel), hanging).await;
        let took = began.elapsed();
        assert!((seconds(deadline)..seconds(deadline + 1)).contains(&took), "{took:?}");
        let ClaimOutcome::Retry { reason, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason, format!("no answer within {deadline} s"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_hangs_holds_nobody_up() {
    let channels = all_channels(|notification| async move {
        if notification.id.as_u128() == 1 { std::future::pending().await } else { Ok(()) }
    });
    let mut harness = Harness::open(webhooks(1..=5), channels, DispatcherSettings::default());
    let began = Instant::now();
    for expected in 2..=5 {
        assert_eq!(harness.ended().await, (expected, ClaimOutcome::Sent));
    }
    assert!(began.elapsed() < seconds(1));
    assert_eq!(harness.ended().await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_takes_no_message_is_stopped_and_a_trial_delivery_that_arrives_starts_it() {
    let log = Arc::new(Mutex::new(Vec::new()));
    for (is_trial, outcome) in [
        (false, Err(NotifyError::ChannelDown { reason: "535 wrong password".to_owned() })),
        (true, Err(NotifyError::ChannelDown { reason: "535 still wrong".to_owned() })),
        (true, Err(NotifyError::rejected("550 no such user"))),
        (true, Ok(())),
        (false, Ok(())),
    ] {
        let (mut outbox, waiting, claims) = outbox();
        let (stops, starts) = (log.clone(), log.clone());
        outbox.expect_stop_channel().returning(move |channel, reason| {
            stops.lock().unwrap().push(format!("stop {channel}: {reason}"));
            Ok(())
        });
        outbox.expect_start_channel().returning(move |channel| {
            starts.lock().unwrap().push(format!("start {channel}"));
            Ok(())
        });
        let message = ClaimedMessage { is_trial, ..a_message(1, Channel::Email) };
        waiting.lock().unwrap().push_back(message);
        let settings = DispatcherSettings::default();
        let mut harness = Harness::with_outbox(outbox, waiting, claims, always(outcome), settings);
        harness.outcome().await;
    }
    let expected = [
        "stop EMAIL: 535 wrong password",
        "stop EMAIL: 535 still wrong",
        "start EMAIL",
        "start EMAIL",
    ];
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_recipient_who_wants_no_text_messages_is_never_texted_again() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().push_back(a_message(1, Channel::Sms));
    let reason = "21610 unsubscribed".to_owned();
    let expected = reason.clone();
    outbox
        .expect_suppress()
        .once()
        .withf(move |address, reason| address.to_string() == "+1234567890" && *reason == expected)
        .returning(|_, _| Ok(()));
    let channels = always(Err(NotifyError::Unwanted { reason: reason.clone() }));
    let settings = DispatcherSettings::default();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, channels, settings);
    assert_eq!(harness.outcome().await, ClaimOutcome::Dead { reason });
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_only_fails_is_left_alone_for_a_while() {
    let channels = with_slots(1, always(Err(transient(None))));
    let mut harness = Harness::open(webhooks(1..=5), channels, DispatcherSettings::default());
    for _ in 0..5 {
        assert!(matches!(harness.outcome().await, ClaimOutcome::Retry { .. }));
    }
    sleep(seconds(5)).await;
    let claims = harness.claims.lock().unwrap();
    let (_, last) = claims.iter().rfind(|(_, c)| c.channel == Channel::Webhook).unwrap();
    assert_eq!(last.under_way, [(Address::Webhook(WebhookId::from_u128(7)), 10)]);
}

#[tokio::test(start_paused = true)]
async fn a_channel_whose_refusal_others_got_too_is_stopped_and_the_attempt_does_not_count() {
    let (mut outbox, waiting, claims) = outbox();
    waiting.lock().unwrap().push_back(a_message(1, Channel::Email));
    outbox.expect_note_refusal().once().returning(|_| Ok(true));
    outbox
        .expect_stop_channel()
        .once()
        .withf(|channel, reason| *channel == Channel::Email && reason == "554 denied")
        .returning(|_, _| Ok(()));
    let channels = always(Err(NotifyError::Ambiguous(Refusal {
        reason: "554 denied".to_owned(),
        kind: "denied".to_owned(),
        depends_on_recipient: true,
        presumption: Presumption::Recipient,
    })));
    let settings = DispatcherSettings::default();
    let mut harness = Harness::with_outbox(outbox, waiting, claims, channels, settings);
    let reason = "554 denied".to_owned();
    assert_eq!(harness.outcome().await, ClaimOutcome::Deferred { after: seconds(60), reason });
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_message_sent_again_has_the_other_side_asked_anew() {
    for (outcome, is_lifted) in [
        (Ok(()), true),
        (Err(NotifyError::Unwanted { reason: "21610 unsubscribed".to_owned() }), false),
    ] {
        let (mut outbox, waiting, claims) = outbox();
        let message = ClaimedMessage { is_asked_again: true, ..a_message(1, Channel::Sms) };
        waiting.lock().unwrap().push_back(message);
        outbox.expect_find_suppression().returning(|_| Ok(Some("unsubscribed".to_owned())));
        outbox.expect_lift_suppression().times(usize::from(is_lifted)).returning(|_| Ok(true));
        outbox.expect_suppress().times(usize::from(!is_lifted)).returning(|_, _| Ok(()));
        let settings = DispatcherSettings::default();
        let mut harness =
            Harness::with_outbox(outbox, waiting, claims, always(outcome.clone()), settings);
        let is_sent = harness.outcome().await == ClaimOutcome::Sent;
        assert_eq!(is_sent, outcome.is_ok());
        harness.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_to_a_customer_without_an_address_is_cancelled() {
    let address = Address::Email(EmailAddress::absent());
    let message = ClaimedMessage { address, ..a_message(1, Channel::Email) };
    let unused = all_channels(|_| async { panic!("it is not to be sent") });
    let reason = "the customer has no e-mail address".to_owned();
    assert_eq!(outcome_of(message, unused).await, ClaimOutcome::Cancelled { reason });
}

#[tokio::test(start_paused = true)]
async fn what_is_too_late_is_cancelled_unsent() {
    let message = a_message(1, Channel::Email);
    let message = ClaimedMessage {
        template: Template::CaseAccessCustomer,
        expires_at: Some(Timestamp::from_millis(900_000)),
        is_expired: true,
        ..message
    };
    let unused = all_channels(|_| async { panic!("it is not to be sent") });
    let reason = "expired".to_owned();
    assert_eq!(outcome_of(message, unused).await, ClaimOutcome::Cancelled { reason });
}
