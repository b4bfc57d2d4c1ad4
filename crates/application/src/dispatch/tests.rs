use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{
    Address, CaseNumber, Channel, EmailAddress, NotificationId, Template, Timestamp, WebhookId,
};
use engage_environment::{Clock, IdGenerator};
use engage_notifier::{
    ChannelProfile, CustomerAccess, Notification, NotifyError, Presumption, Refusal, RetrySchedule,
    concurrent,
};
use engage_repository::{
    AccessGeneration, Admission, ChangeSet, Claim, ClaimOutcome, ClaimToken, ClaimedMessage,
    MockDirectoryRepository, MockOutboxRepository, MockStaffRepository, MockWebhookRepository,
    OutboxMessage, WebhookRepository,
};
use engage_testkit::builders::{a_change_set, a_claimed_message, a_message_to, an_opened};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::customer_access::{AccessTokens, ServerSecret};
use crate::webhooks::{EndpointCache, SuccessesNoted};

mod limits;
mod outcomes;
mod running;

const HOUR: Duration = Duration::from_hours(1);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn number() -> CaseNumber {
    "CW-2025-001".parse().unwrap()
}

fn a_message(id: u128, channel: Channel) -> ClaimedMessage {
    let address = match channel {
        Channel::Email => Address::Email("john@example.com".parse().unwrap()),
        Channel::Sms => Address::Phone("+1234567890".parse().unwrap()),
        Channel::Webhook => Address::Webhook(WebhookId::from_u128(7)),
    };
    let message = OutboxMessage {
        id: NotificationId::from_u128(id),
        template: Template::CaseEvent,
        ..a_message_to(address)
    };
    ClaimedMessage {
        claim: ClaimToken(1000 + i64::try_from(id).unwrap()),
        access_generation: AccessGeneration(2),
        snapshot: format!("snapshot {id}"),
        ..a_claimed_message(message, &a_change())
    }
}

/// Opens the case CW-2025-001 at 2025-01-27T10:00:00Z.
fn a_change() -> ChangeSet {
    a_change_set(an_opened(1), Vec::new())
}

fn attempt(attempt: u32, channel: Channel) -> ClaimedMessage {
    ClaimedMessage { attempt, ..a_message(1, channel) }
}

fn webhooks(ids: impl IntoIterator<Item = u128>) -> Vec<ClaimedMessage> {
    ids.into_iter().map(|id| a_message(id, Channel::Webhook)).collect()
}

/// Figures of a channel that tests can tell from those of the others.
fn profile_of(channel: Channel) -> ChannelProfile {
    const EMAIL: RetrySchedule =
        RetrySchedule::new(&[Duration::from_secs(30), Duration::from_mins(5)]);
    const SMS: RetrySchedule = RetrySchedule::new(&[Duration::from_secs(5), HOUR, HOUR]);
    const WEBHOOK: RetrySchedule = RetrySchedule::new(&[
        Duration::from_secs(5),
        Duration::from_mins(5),
        Duration::from_mins(30),
        HOUR,
    ]);
    let (deadline, retries, slots) = match channel {
        Channel::Email => (180, EMAIL, 4),
        Channel::Sms => (15, SMS, 8),
        Channel::Webhook => (20, WEBHOOK, 64),
    };
    ChannelProfile {
        deadline: seconds(deadline),
        retries,
        slots: concurrent(slots),
        most_per_address: (channel == Channel::Webhook).then_some(concurrent(10)),
    }
}

/// A channel that does as a test says.
struct Scripted<F> {
    profile: ChannelProfile,
    deliver: F,
}

#[async_trait]
impl<F, A> Notifier for Scripted<F>
where
    F: Fn(Notification) -> A + Send + Sync,
    A: Future<Output = Result<(), NotifyError>> + Send,
{
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        (self.deliver)(notification.clone()).await
    }

    fn profile(&self) -> ChannelProfile {
        self.profile
    }
}

type Channels = HashMap<Channel, Arc<dyn Notifier>>;

fn all_channels<F, A>(deliver: F) -> Channels
where
    F: Fn(Notification) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<(), NotifyError>> + Send + 'static,
{
    let notifier = |&channel: &Channel| {
        let (profile, deliver) = (profile_of(channel), deliver.clone());
        let notifier: Arc<dyn Notifier> = Arc::new(Scripted { profile, deliver });
        (channel, notifier)
    };
    Channel::ALL.iter().map(notifier).collect()
}

/// A channel with so many slots.
struct WithSlots {
    slots: u32,
    notifier: Arc<dyn Notifier>,
}

#[async_trait]
impl Notifier for WithSlots {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        self.notifier.deliver(notification).await
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile { slots: concurrent(self.slots), ..self.notifier.profile() }
    }
}

fn with_slots(slots: u32, channels: Channels) -> Channels {
    let limit = |(channel, notifier)| {
        let notifier: Arc<dyn Notifier> = Arc::new(WithSlots { slots, notifier });
        (channel, notifier)
    };
    channels.into_iter().map(limit).collect()
}

fn always(outcome: Result<(), NotifyError>) -> Channels {
    all_channels(move |_| std::future::ready(outcome.clone()))
}

fn taking(time: Duration) -> Channels {
    all_channels(move |_| async move {
        sleep(time).await;
        Ok(())
    })
}

fn transient(retry_after: Option<Duration>) -> NotifyError {
    NotifyError::Transient { reason: "503".to_owned(), retry_after }
}

/// When a claim was made, and which.
type Claims = Arc<Mutex<Vec<(Instant, Claim)>>>;

/// A dispatcher at work on an outbox that hands out what waits in it.
struct Harness {
    waiting: Arc<Mutex<VecDeque<ClaimedMessage>>>,
    claims: Claims,
    completions: mpsc::UnboundedReceiver<(NotificationId, ClaimToken, ClaimOutcome)>,
    outbox_signal: OutboxSignal,
    stop: watch::Sender<bool>,
    status: DispatcherStatus,
    task: JoinHandle<()>,
}

/// A clock that stands.
struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}

/// Endpoints of which nothing is known but what a delivery shows.
fn endpoints() -> EndpointHealth {
    let mut endpoints = MockWebhookRepository::new();
    endpoints.expect_note_delivery().returning(|_, _| Ok(Duration::ZERO));
    endpoints.expect_find_endpoint().returning(|_| Ok(None));
    let endpoints: Arc<dyn WebhookRepository> = Arc::new(endpoints);
    EndpointHealth {
        known: EndpointCache::new(endpoints.clone(), Arc::new(MockDirectoryRepository::new())),
        endpoints,
        staff: Arc::new(MockStaffRepository::new()),
        clock: Arc::new(Epoch),
        ids: Arc::new(NoIds),
        noted: SuccessesNoted::default(),
    }
}

fn tokens() -> AccessTokens {
    AccessTokens::new(&ServerSecret::from_bits([7; 32]), HOUR)
}

fn links() -> CustomerLinks {
    CustomerLinks::new(tokens(), "https://desk.example/support".to_owned())
}

/// For what draws none.
struct NoIds;

impl IdGenerator for NoIds {
    fn next_id(&self) -> u128 {
        panic!("an id is drawn")
    }

    fn secret(&self) -> [u8; 32] {
        panic!("a secret is drawn")
    }
}

fn outbox() -> (MockOutboxRepository, Arc<Mutex<VecDeque<ClaimedMessage>>>, Claims) {
    let waiting = Arc::new(Mutex::new(VecDeque::<ClaimedMessage>::new()));
    let claims = Claims::default();
    let mut outbox = MockOutboxRepository::new();
    let (queue, log) = (waiting.clone(), claims.clone());
    outbox.expect_claim_due().returning(move |claim| {
        let mut log = log.lock().unwrap();
        assert!(log.len() < 100_000, "the outbox is asked without pause");
        let mut queue = queue.lock().unwrap();
        let is_wanted = |message: &ClaimedMessage| message.address.channel() == claim.channel;
        let mut claimed: Vec<_> = queue.iter().filter(|m| is_wanted(m)).cloned().collect();
        claimed.truncate(claim.limit.get() as usize);
        queue.retain(|message| !claimed.contains(message));
        log.push((Instant::now(), claim));
        Ok(claimed)
    });
    (outbox, waiting, claims)
}

impl Harness {
    fn open(
        messages: impl IntoIterator<Item = ClaimedMessage>,
        channels: Channels,
        settings: DispatcherSettings,
    ) -> Self {
        let (outbox, waiting, claims) = outbox();
        waiting.lock().unwrap().extend(messages);
        Self::with_outbox(outbox, waiting, claims, channels, settings)
    }

    fn with_outbox(
        mut outbox: MockOutboxRepository,
        waiting: Arc<Mutex<VecDeque<ClaimedMessage>>>,
        claims: Claims,
        channels: Channels,
        settings: DispatcherSettings,
    ) -> Self {
        let (sender, completions) = mpsc::unbounded_channel();
        outbox.expect_complete().returning(move |attempts| {
            let count = attempts.len();
            for attempt in attempts {
                // A test that ended listens no more.
                let _ = sender.send((attempt.id, attempt.claim, attempt.completion));
            }
            Ok(vec![true; count])
        });
        // What a test expects itself comes before these.
        outbox.expect_find_suppression().returning(|_| Ok(None));
        outbox.expect_admit().returning(|_, _| Ok(Admission::Granted));
        outbox.expect_cancel_expired().returning(|_, _| Ok(0));
        outbox.expect_stop_channel().returning(|_, _| Ok(()));
        let outbox_signal = OutboxSignal::default();
        let dispatcher = Dispatcher::new(
            Arc::new(outbox),
            channels,
            endpoints(),
            links(),
            outbox_signal.clone(),
            settings,
        );
        let status = dispatcher.status();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(dispatcher.run(stopped));
        Self { waiting, claims, completions, outbox_signal, stop, status, task }
    }

    fn put(&self, messages: Vec<ClaimedMessage>) {
        self.waiting.lock().unwrap().extend(messages);
    }

    async fn ended(&mut self) -> (u128, ClaimOutcome) {
        let ended = timeout(HOUR * 24, self.completions.recv()).await;
        let (id, claim, completion) = ended.expect("an attempt ends").expect("it still works");
        assert_eq!(claim, a_message(id.as_u128(), Channel::Sms).claim, "the claim it came with");
        (id.as_u128(), completion)
    }

    /// How the one attempt ended.
    async fn outcome(&mut self) -> ClaimOutcome {
        self.ended().await.1
    }

    /// Waits until it has stopped.
    async fn end(&mut self) {
        let end = timeout(HOUR, &mut self.task).await.expect("a dispatcher stops");
        end.expect("a dispatcher ends without a panic");
    }

    async fn stop(mut self) {
        self.stop.send(true).unwrap();
        self.end().await;
    }
}

async fn outcome_of(message: ClaimedMessage, channels: Channels) -> ClaimOutcome {
    Harness::open([message], channels, DispatcherSettings::default()).outcome().await
}
