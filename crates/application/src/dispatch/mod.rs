//! Delivery of the notifications in the outbox.
//!
//! Each channel has its own worker and slots, so a channel that hangs does not delay the others.

mod channel_stop;
mod channel_worker;
mod circuit_breaker;
mod delivery;
mod log_text;
mod missing_channel;
mod recorder;
mod retry_delay;
mod sending_limits;
mod settings;
mod status;
mod trial_delivery;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::Channel;
use engage_notifier::Notifier;
use engage_repository::OutboxRepository;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, warn};

use crate::customer_access::CustomerLinks;
use crate::outbox_signal::OutboxSignal;
use crate::trace::TraceSampler;
use crate::webhooks::EndpointHealth;
use channel_worker::ChannelWorker;
use delivery::Delivery;
use missing_channel::MissingChannel;
use recorder::Recorder;
pub use sending_limits::SendingLimits;
pub use settings::DispatcherSettings;
pub use status::DispatcherStatus;

/// Time limit for closing the connections of the channels at the end.
const CLOSING: Duration = Duration::from_secs(1);

/// Claims due notifications, delivers them by their channels and records the outcomes.
///
/// Any number of dispatchers may share one outbox. A claim is a lease. If a dispatcher dies, the
/// others take over its notifications when the lease expires.
///
/// ```
/// # use std::{collections::HashMap, sync::Arc, time::Duration};
/// use engage_application::{Dispatcher, DispatcherSettings, OutboxSignal};
/// # use engage_application::{
/// #     AccessTokens, CustomerLinks, EndpointCache, EndpointHealth, ServerSecret, SuccessesNoted,
/// # };
/// # use engage_domain::Channel;
/// # use engage_notifier::{ChannelProfile, MockNotifier, Notifier, RetrySchedule, concurrent};
/// # use engage_repository::{CaseRepository, NotificationRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_change_set, a_message, an_opened};
/// use tokio::sync::watch;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let mut mailer = MockNotifier::new();
/// # mailer.expect_deliver().times(1).returning(|_| Ok(()));
/// # mailer.expect_close().returning(|| ());
/// # mailer.expect_profile().return_const(ChannelProfile {
/// #     deadline: Duration::from_secs(5),
/// #     retries: RetrySchedule::new(&[]),
/// #     slots: concurrent(4),
/// #     most_per_address: None,
/// # });
/// # let endpoints = EndpointHealth {
/// #     endpoints: store.clone(),
/// #     known: EndpointCache::new(store.clone(), store.clone()),
/// #     staff: store.clone(),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SystemIds),
/// #     noted: SuccessesNoted::default(),
/// # };
/// # let secret = ServerSecret::from_bits([7; 32]);
/// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
/// # let links = CustomerLinks::new(tokens, "https://desk.example/support".to_owned());
/// let mailer: Arc<dyn Notifier> = Arc::new(mailer);
/// let channels = HashMap::from([(Channel::Email, mailer)]);
/// # let (signal, settings) = (OutboxSignal::default(), DispatcherSettings::default());
/// let dispatcher =
///     Dispatcher::new(store.clone(), channels, endpoints, links, signal, settings);
/// let message = a_message("john@example.com");
/// store.commit(a_change_set(an_opened(1), vec![message.clone()])).await?;
/// let (stop, stopped) = watch::channel(false);
/// let running = tokio::spawn(dispatcher.run(stopped));
///
/// # engage_testkit::contract::in_time(async {
/// #     while !store.has_delivered(Channel::Email, Duration::from_secs(60)).await.unwrap() {
/// #         tokio::task::yield_now().await;
/// #     }
/// # })
/// # .await;
/// // The e-mail is sent meanwhile. Deliveries in progress are finished.
/// stop.send(true)?;
/// running.await?;
/// let (sent, _) = store.find_notification(message.id).await?.expect("it is stored");
/// assert_eq!((sent.status.as_str(), sent.attempts), ("SENT", 1));
/// # Ok(())
/// # }
/// ```
pub struct Dispatcher {
    outbox: Arc<dyn OutboxRepository>,
    channels: HashMap<Channel, Arc<dyn Notifier>>,
    endpoints: EndpointHealth,
    links: CustomerLinks,
    outbox_signal: OutboxSignal,
    status: DispatcherStatus,
    settings: DispatcherSettings,
    sampler: TraceSampler,
}

impl Dispatcher {
    /// Creates a dispatcher for an outbox and these channels.
    pub fn new(
        outbox: Arc<dyn OutboxRepository>,
        channels: HashMap<Channel, Arc<dyn Notifier>>,
        endpoints: EndpointHealth,
        links: CustomerLinks,
        outbox_signal: OutboxSignal,
        settings: DispatcherSettings,
    ) -> Self {
        let (status, sampler) = (DispatcherStatus::default(), TraceSampler::default());
        Self { outbox, channels, endpoints, links, outbox_signal, status, settings, sampler }
    }

    /// Replaces the sampler of the traces of claims, which samples all of them by default.
    #[must_use]
    pub fn with_sampler(self, sampler: TraceSampler) -> Self {
        Self { sampler, ..self }
    }

    /// Returns the status of the dispatcher.
    pub fn status(&self) -> DispatcherStatus {
        self.status.clone()
    }

    /// Runs until `stop` becomes true or its sender is dropped. Then stops claiming and waits for
    /// the deliveries in progress.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut workers = JoinSet::new();
        for &channel in Channel::ALL {
            let missing = || Arc::new(MissingChannel) as Arc<dyn Notifier>;
            let notifier = self.channels.get(&channel).cloned().unwrap_or_else(missing);
            let (recorder, recording) = Recorder::start(channel, Arc::clone(&self.outbox));
            let delivery = Delivery {
                channel,
                profile: notifier.profile(),
                notifier,
                outbox: Arc::clone(&self.outbox),
                endpoints: self.endpoints.clone(),
                links: self.links.clone(),
                recorder,
                limits: self.settings.limits,
                sampler: self.sampler,
            };
            let (settings, status) = (self.settings, self.status.clone());
            let worker = ChannelWorker::new(delivery, recording, settings, status);
            workers.spawn(worker.run(self.outbox_signal.subscribe(), stop.clone()));
        }
        while let Some(ended) = workers.join_next().await {
            if let Err(failure) = ended {
                error!(%failure, "a channel worker panicked");
                self.status.set_working(false);
            }
        }
        let closing: JoinSet<()> = self
            .channels
            .into_values()
            .map(|channel| async move { channel.close().await })
            .collect();
        if timeout(CLOSING, closing.join_all()).await.is_err() {
            warn!("timed out closing the connections of a channel");
        }
    }
}

#[cfg(test)]
mod tests;
