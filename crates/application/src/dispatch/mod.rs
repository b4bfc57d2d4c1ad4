//! Delivers the messages that changes of cases left in the outbox.
//!
//! Each channel has a lane of its own, with slots of its own: one that hangs holds up no other.

mod back_off;
mod budgets;
mod delivery;
mod lane;
mod log_text;
mod pace;
mod recorder;
mod refusal;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engage_domain::Channel;
use engage_notifier::Notifier;
use engage_repository::{OutboxRepository, RepositoryError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, warn};

use crate::customer_access::CustomerLinks;
use crate::webhooks::EndpointHealth;
pub use budgets::SendingLimits;
use delivery::Delivery;
use lane::Lane;
use recorder::Recorder;

/// Rings in the dispatcher of this process when a commit left messages, so that they need not wait
/// for it to look.
#[derive(Debug, Clone)]
pub struct OutboxBell(Arc<watch::Sender<()>>);

impl Default for OutboxBell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl OutboxBell {
    /// Says that there may be something to deliver.
    pub fn ring(&self) {
        self.0.send_replace(());
    }
}

/// Whether the dispatcher of this process can do its work, as far as it knows.
#[derive(Debug, Clone, Default)]
pub struct DispatcherStatus(Arc<AtomicBool>);

impl DispatcherStatus {
    /// Whether the last look into the outbox succeeded; true where nobody looked yet.
    pub fn is_working(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    fn set_working(&self, is_working: bool) {
        self.0.store(!is_working, Ordering::Relaxed);
    }
}

/// How a dispatcher works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatcherSettings {
    /// How many e-mails are on their way at once.
    pub email_slots: NonZeroU32,
    /// How many text messages are on their way at once.
    pub sms_slots: NonZeroU32,
    /// How many requests to other systems are on their way at once.
    pub webhook_slots: NonZeroU32,
    /// How many of those to one endpoint.
    pub most_per_endpoint: NonZeroU32,
    /// How often to look without having been rung for.
    pub poll: Duration,
    /// How long to wait for deliveries under way when told to stop.
    pub drain: Duration,
    /// How much may be sent of what customers cause.
    pub limits: SendingLimits,
}

/// How long it may take to close what the channels keep open, at the end.
const CLOSING: Duration = Duration::from_secs(1);

/// A number of slots, at least one.
const fn slots(number: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(number.saturating_sub(1))
}

impl Default for DispatcherSettings {
    fn default() -> Self {
        Self {
            email_slots: slots(4),
            sms_slots: slots(8),
            webhook_slots: slots(64),
            most_per_endpoint: slots(10),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(25),
            limits: SendingLimits::default(),
        }
    }
}

impl DispatcherSettings {
    /// The same, with so many slots for each channel.
    #[must_use]
    pub fn with_slots(self, slots: NonZeroU32) -> Self {
        Self { email_slots: slots, sms_slots: slots, webhook_slots: slots, ..self }
    }

    /// The same, with no more slots for a channel than it can use.
    fn with_at_most(mut self, channel: Channel, most: NonZeroU32) -> Self {
        let slots = match channel {
            Channel::Email => &mut self.email_slots,
            Channel::Sms => &mut self.sms_slots,
            Channel::Webhook => &mut self.webhook_slots,
        };
        *slots = most.min(*slots);
        self
    }

    fn slots(&self, channel: Channel) -> NonZeroU32 {
        match channel {
            Channel::Email => self.email_slots,
            Channel::Sms => self.sms_slots,
            Channel::Webhook => self.webhook_slots,
        }
    }

    /// How many messages may be on their way to one address at once.
    fn most_per_address(&self, channel: Channel) -> NonZeroU32 {
        match channel {
            Channel::Email | Channel::Sms => NonZeroU32::MAX,
            Channel::Webhook => self.most_per_endpoint,
        }
    }
}

/// Claims due messages, hands them to their channels and records how that ended.
///
/// Any number of dispatchers may work on one outbox: a claim is a lease, and a dispatcher that
/// dies leaves its messages to the others once the lease runs out.
pub struct Dispatcher {
    outbox: Arc<dyn OutboxRepository>,
    channels: HashMap<Channel, Arc<dyn Notifier>>,
    endpoints: EndpointHealth,
    links: CustomerLinks,
    bell: OutboxBell,
    status: DispatcherStatus,
    settings: DispatcherSettings,
}

impl Dispatcher {
    /// Delivers the messages of an outbox by these channels.
    pub fn new(
        outbox: Arc<dyn OutboxRepository>,
        channels: HashMap<Channel, Arc<dyn Notifier>>,
        endpoints: EndpointHealth,
        links: CustomerLinks,
        bell: OutboxBell,
        settings: DispatcherSettings,
    ) -> Self {
        let status = DispatcherStatus::default();
        Self { outbox, channels, endpoints, links, bell, status, settings }
    }

    /// Whether the dispatcher can do its work.
    pub fn status(&self) -> DispatcherStatus {
        self.status.clone()
    }

    /// Works until `stop` becomes true (or its sender is gone), then claims no more and waits for
    /// what is under way.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut lanes = JoinSet::new();
        for &channel in Channel::ALL {
            let (recorder, recording) = Recorder::start(channel, Arc::clone(&self.outbox));
            let delivery = Delivery {
                channel,
                notifier: self.channels.get(&channel).cloned(),
                outbox: Arc::clone(&self.outbox),
                endpoints: self.endpoints.clone(),
                links: self.links.clone(),
                recorder,
                limits: self.settings.limits,
            };
            let settings = match delivery.notifier.as_ref().and_then(|one| one.capacity()) {
                Some(most) => self.settings.with_at_most(channel, most),
                None => self.settings,
            };
            let lane = Lane::new(delivery, recording, settings, self.status.clone());
            lanes.spawn(lane.run(self.bell.0.subscribe(), stop.clone()));
        }
        while let Some(ended) = lanes.join_next().await {
            if let Err(failure) = ended {
                error!(%failure, "a channel's dispatcher ended in a panic");
                self.status.set_working(false);
            }
        }
        let closing: JoinSet<()> = self
            .channels
            .into_values()
            .map(|channel| async move { channel.close().await })
            .collect();
        if timeout(CLOSING, closing.join_all()).await.is_err() {
            warn!("the connections of a channel did not close in time");
        }
    }
}

pub(crate) fn cause_of(error: &RepositoryError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
