//! Delivers the messages that changes of cases left in the outbox.

mod back_off;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engage_domain::Channel;
use engage_notifier::{Notification, Notifier, NotifyError};
use engage_repository::{ClaimedMessage, Completion, OutboxRepository, RepositoryError};
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, error, warn};

/// Rings in the dispatcher of this process when a commit left messages, so that they need not wait
/// for it to look.
#[derive(Debug, Clone, Default)]
pub struct OutboxBell(Arc<Notify>);

impl OutboxBell {
    /// Says that there may be something to deliver.
    pub fn ring(&self) {
        self.0.notify_one();
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
    /// How many messages are on their way at once.
    pub slots: NonZeroU32,
    /// For how long a claim holds; longer than any delivery may take.
    pub lease: Duration,
    /// How often to look without having been rung for.
    pub poll: Duration,
    /// How long to wait for deliveries under way when told to stop.
    pub drain: Duration,
}

impl Default for DispatcherSettings {
    fn default() -> Self {
        Self {
            slots: NonZeroU32::MIN.saturating_add(31),
            lease: Duration::from_secs(150),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(25),
        }
    }
}

/// Claims due messages, hands them to their channels and records how that ended.
///
/// Any number of dispatchers may work on one outbox: a claim is a lease, and a dispatcher that
/// dies leaves its messages to the others once the lease runs out.
#[derive(Clone)]
pub struct Dispatcher {
    outbox: Arc<dyn OutboxRepository>,
    channels: Arc<HashMap<Channel, Arc<dyn Notifier>>>,
    bell: OutboxBell,
    status: DispatcherStatus,
    settings: DispatcherSettings,
}

impl Dispatcher {
    /// Delivers the messages of an outbox by these channels.
    pub fn new(
        outbox: Arc<dyn OutboxRepository>,
        channels: HashMap<Channel, Arc<dyn Notifier>>,
        bell: OutboxBell,
        settings: DispatcherSettings,
    ) -> Self {
        Self {
            outbox,
            channels: Arc::new(channels),
            bell,
            status: DispatcherStatus::default(),
            settings,
        }
    }

    /// Whether the dispatcher can do its work.
    pub fn status(&self) -> DispatcherStatus {
        self.status.clone()
    }

    /// Works until `stop` becomes true (or its sender is gone), then claims no more and waits for
    /// what is under way.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        while !*stop.borrow() {
            while let Some(ended) = under_way.try_join_next() {
                report_panic(ended);
            }
            let is_full = match self.claim_and_start(&mut under_way).await {
                Ok(is_full) => is_full,
                Err(error) => {
                    warn!(%error, cause = cause_of(&error), "cannot claim messages");
                    false
                }
            };
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                Some(ended) = under_way.join_next(), if is_full => report_panic(ended),
                () = self.bell.0.notified(), if !is_full => {}
                () = tokio::time::sleep(self.settings.poll) => {}
            }
        }
        let drained = timeout(self.settings.drain, async {
            while let Some(ended) = under_way.join_next().await {
                report_panic(ended);
            }
        });
        if drained.await.is_err() {
            warn!(count = under_way.len(), "stopped with messages still under way");
        }
    }

    /// Fills the free slots with due messages; `true` where all slots are taken then.
    async fn claim_and_start(&self, under_way: &mut JoinSet<()>) -> Result<bool, RepositoryError> {
        let slots = self.settings.slots.get() as usize;
        let free = u32::try_from(slots.saturating_sub(under_way.len())).unwrap_or(u32::MAX);
        let Some(free) = NonZeroU32::new(free) else { return Ok(true) };
        let claimed = self.outbox.claim_due(free, self.settings.lease).await;
        self.status.set_working(claimed.is_ok());
        let claimed = claimed?;
        for message in claimed {
            let dispatcher = self.clone();
            under_way.spawn(async move { dispatcher.deliver(message).await });
        }
        Ok(under_way.len() >= slots)
    }

    async fn deliver(&self, message: ClaimedMessage) {
        let ClaimedMessage { id, claim, attempt, case_number, template, address, snapshot } =
            message;
        let channel = address.channel();
        let notification = Notification { id, case_number, template, address, snapshot };
        let outcome = match self.channels.get(&channel) {
            Some(notifier) => in_time(channel, notifier.deliver(&notification)).await,
            None => Err(NotifyError::ChannelDown { reason: "the channel is not set up".into() }),
        };
        if let Err(error) = &outcome {
            warn!(notification = %id, %channel, attempt, %error, "delivery failed");
        }
        let completion = completion(channel, attempt, outcome);
        match self.outbox.complete(id, claim, completion).await {
            Ok(true) => debug!(notification = %id, %channel, attempt, "attempt recorded"),
            Ok(false) => warn!(notification = %id, %channel, attempt, "the lease had run out"),
            // The lease runs out and the message is delivered again: at least once.
            Err(error) => {
                error!(notification = %id, cause = cause_of(&error), "cannot record an attempt");
            }
        }
    }
}

/// A delivery that takes too long, or ends in a panic, failed in a way that may pass.
async fn in_time(
    channel: Channel,
    delivery: impl Future<Output = Result<(), NotifyError>>,
) -> Result<(), NotifyError> {
    let deadline = back_off::deadline(channel);
    let reason = match timeout(deadline, AssertUnwindSafe(delivery).catch_unwind()).await {
        Ok(Ok(outcome)) => return outcome,
        Ok(Err(_)) => "the channel failed unexpectedly".to_owned(),
        Err(_) => format!("no answer within {} s", deadline.as_secs()),
    };
    Err(NotifyError::Transient { reason, retry_after: None })
}

fn completion(channel: Channel, attempt: u32, outcome: Result<(), NotifyError>) -> Completion {
    match outcome {
        Ok(()) => Completion::Sent,
        Err(NotifyError::Rejected { reason } | NotifyError::Unwanted { reason }) => {
            Completion::Dead { reason }
        }
        Err(
            NotifyError::Transient { reason, retry_after }
            | NotifyError::Overloaded { reason, retry_after },
        ) => match back_off::delay(channel, attempt, retry_after) {
            Some(after) => Completion::Retry { after, reason },
            None => Completion::Dead { reason: format!("given up: {reason}") },
        },
        Err(NotifyError::ChannelDown { reason }) => {
            Completion::Deferred { after: back_off::CHANNEL_PROBE, reason }
        }
    }
}

fn cause_of(error: &RepositoryError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

fn report_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        error!(%error, "a delivery ended in a panic");
    }
}

#[cfg(test)]
mod tests;
