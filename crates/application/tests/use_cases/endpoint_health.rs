//! Effects of failed deliveries on the health of an endpoint, and who is notified when it is
//! disabled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::setup::links;
use async_trait::async_trait;
use engage_application::{
    Dispatcher, DispatcherSettings, EndpointCache, EndpointHealth, OutboxSignal, SuccessesNoted,
};
use engage_domain::webhook::{EndpointState, WebhookEndpoint};
use engage_domain::{Address, Channel, Role, StaffMember, Template};
use engage_notifier::{
    ChannelProfile, Notification, Notifier, NotifyError, RetrySchedule, Snapshot, concurrent,
};
use engage_repository::{
    ClaimedMessage, EndpointNotice, MockDirectoryRepository, MockOutboxRepository,
    MockStaffRepository, MockWebhookRepository, WebhookRepository,
};
use engage_testkit::builders::{
    a_change_set, a_claimed_message, a_message_to, a_staff_member, an_endpoint, an_opened,
    minutes_later,
};
use engage_testkit::{ManualClock, SequentialIds};
use tokio::sync::{mpsc, watch};

/// A notifier that always returns this error.
struct Always(NotifyError);

const RETRIES: RetrySchedule = RetrySchedule::new(&[Duration::from_secs(5)]);

#[async_trait]
impl Notifier for Always {
    async fn deliver(&self, _: &Notification) -> Result<(), NotifyError> {
        Err(self.0.clone())
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile {
            deadline: Duration::from_secs(20),
            retries: RETRIES,
            slots: concurrent(64),
            most_per_address: Some(concurrent(10)),
        }
    }
}

fn gone() -> NotifyError {
    NotifyError::Unwanted { reason: "it answered 410 Gone".to_owned() }
}

fn down() -> NotifyError {
    NotifyError::transient("no connection")
}

fn a_message_for(endpoint: &WebhookEndpoint) -> ClaimedMessage {
    let message = a_message_to(Address::Webhook(endpoint.id));
    let change_set = a_change_set(an_opened(1), vec![message.clone()]);
    a_claimed_message(message, &change_set)
}

fn admin(id: &str) -> StaffMember {
    StaffMember { role: Role::Admin, ..a_staff_member(id) }
}

type Disabled = Arc<Mutex<Vec<(String, EndpointNotice)>>>;

/// Delivers a notification to an endpoint that has been failing for `failing`, and returns the
/// reason and notice if it was disabled.
async fn deliver(
    endpoint: WebhookEndpoint,
    message: ClaimedMessage,
    outcome: NotifyError,
    failing: Duration,
) -> Vec<(String, EndpointNotice)> {
    let id = endpoint.id;
    let disabled = Disabled::default();
    let mut endpoints = MockWebhookRepository::new();
    endpoints.expect_note_delivery().returning(move |_, _| Ok(failing));
    endpoints.expect_find_endpoint().returning(move |_| Ok(Some(endpoint.clone())));
    let log = disabled.clone();
    endpoints.expect_disable_endpoint().returning(move |of, reason, at, notice| {
        assert_eq!((of, at), (id, ManualClock::new().now()));
        log.lock().unwrap().push((reason.to_owned(), notice));
        Ok(true)
    });
    let mut staff = MockStaffRepository::new();
    staff.expect_list_staff().returning(|| {
        let left = StaffMember { deactivated_at: Some(minutes_later(1)), ..admin("left") };
        Ok(vec![admin("ann"), a_staff_member("agent"), left, admin("zoe")])
    });
    let (done, mut is_done) = mpsc::unbounded_channel();
    let mut outbox = MockOutboxRepository::new();
    let mut waiting = vec![message];
    outbox.expect_cancel_expired().returning(|_, _| Ok(0));
    outbox.expect_claim_due().returning(move |claim| {
        let is_wanted = claim.channel == Channel::Webhook;
        Ok(if is_wanted { std::mem::take(&mut waiting) } else { Vec::new() })
    });
    outbox.expect_complete().returning(move |attempts| {
        done.send(()).unwrap();
        Ok(vec![true; attempts.len()])
    });
    let endpoints: Arc<dyn WebhookRepository> = Arc::new(endpoints);
    let health = EndpointHealth {
        known: EndpointCache::new(endpoints.clone(), Arc::new(MockDirectoryRepository::new())),
        endpoints,
        staff: Arc::new(staff),
        clock: Arc::new(ManualClock::new()),
        ids: Arc::new(SequentialIds::default()),
        noted: SuccessesNoted::default(),
    };
    let channel: Arc<dyn Notifier> = Arc::new(Always(outcome));
    let dispatcher = Dispatcher::new(
        Arc::new(outbox),
        HashMap::from([(Channel::Webhook, channel)]),
        health,
        links(),
        OutboxSignal::default(),
        DispatcherSettings::default(),
    );
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(dispatcher.run(stopped));
    is_done.recv().await.expect("the delivery ends");
    stop.send(true).unwrap();
    task.await.expect("the dispatcher stops");
    std::mem::take(&mut disabled.lock().unwrap())
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_and_administrators_are_notified() {
    let endpoint = an_endpoint();
    let message = a_message_for(&endpoint);
    let disabled = deliver(endpoint.clone(), message.clone(), gone(), Duration::ZERO).await;
    let [(reason, notice)] = &disabled[..] else { panic!("{disabled:?}") };
    assert_eq!(reason, "it answered 410 Gone");
    assert_eq!(notice.about, message.id);
    let recipients: Vec<_> =
        notice.messages.iter().map(|message| message.address.to_string()).collect();
    assert_eq!(recipients, ["ann@desk.example", "zoe@desk.example"], "the active administrators");
    for notification in &notice.messages {
        assert_eq!(notification.template, Template::EndpointDisabledStaff);
        assert_ne!(notification.id, message.id);
    }
    let snapshot: Snapshot = serde_json::from_str(&notice.snapshot).unwrap();
    let event: Snapshot = serde_json::from_str(&message.snapshot).unwrap();
    // Administrators do not need the personal data of the case.
    let event = event.erased();
    assert_eq!(snapshot.data, event.data);
    let disabled = snapshot.disabled_endpoint.expect("the endpoint is named");
    assert_eq!((disabled.id, disabled.url), (endpoint.id, endpoint.url.to_string()));
    assert_eq!((disabled.reason, disabled.since), (reason.clone(), ManualClock::new().now()));
}

#[tokio::test]
async fn an_endpoint_is_disabled_after_five_days_of_failures_only() {
    let five_days = Duration::from_hours(5 * 24);
    let endpoint = an_endpoint();
    let message = a_message_for(&endpoint);
    let before = five_days.saturating_sub(Duration::from_millis(1));
    assert_eq!(deliver(endpoint.clone(), message.clone(), down(), before).await, []);
    let disabled = deliver(endpoint, message, down(), five_days).await;
    let [(reason, notice)] = &disabled[..] else { panic!("{disabled:?}") };
    assert_eq!(reason, "every delivery has failed for 5 days");
    assert_eq!(notice.messages.len(), 2);
}

#[tokio::test]
async fn no_notice_is_sent_for_an_endpoint_already_disabled() {
    let state = EndpointState::Disabled { reason: "off".to_owned(), since: minutes_later(0) };
    let endpoint = WebhookEndpoint { state, ..an_endpoint() };
    let message = a_message_for(&endpoint);
    assert_eq!(deliver(endpoint, message, gone(), Duration::ZERO).await, []);
}
