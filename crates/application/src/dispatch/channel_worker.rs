//! Worker of one channel, which claims due notifications as slots become free.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::Address;
use engage_repository::{Claim, ClaimedMessage, RepositoryError};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, error, info, warn};

use super::circuit_breaker::CircuitBreakers;
use super::delivery::{AddressSignal, Delivery, EXPIRED};
use super::recorder::Recording;
use super::settings::DispatcherSettings;
use super::status::DispatcherStatus;
use crate::trace::claim_span;

/// Time that a lease outlives the delivery deadline, in which the outcome is recorded.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// Time limit for recording the last attempts after the drain timeout. Both together are below the
/// 30 s after which a process that was asked to stop is killed.
const LAST_RECORDS: Duration = Duration::from_secs(2);

/// Interval at which expired notifications are cancelled.
const SWEEP: Duration = Duration::from_secs(15);

/// The part of a delivery result that matters to the next claims.
struct EndedDelivery {
    address: Address,
    effect: AddressSignal,
}

pub(super) struct ChannelWorker {
    delivery: Arc<Delivery>,
    recording: Recording,
    settings: DispatcherSettings,
    status: DispatcherStatus,
    under_way: JoinSet<EndedDelivery>,
    busy: HashMap<Address, u32>,
    breakers: CircuitBreakers,
    /// Time at which expired notifications were last cancelled.
    swept: Option<Instant>,
}

/// Time of the next claim.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NextStep {
    /// Immediately. The first notifications were for an address without free capacity, and others
    /// wait behind them.
    AtOnce,
    /// As soon as a slot is free. More notifications are due.
    WhenFree,
    /// After the next signal, finished delivery or poll interval.
    WhenCalled,
}

impl ChannelWorker {
    pub(super) fn new(
        delivery: Delivery,
        recording: Recording,
        settings: DispatcherSettings,
        status: DispatcherStatus,
    ) -> Self {
        let breakers = CircuitBreakers::new(delivery.profile.most_per_address);
        Self {
            delivery: Arc::new(delivery),
            recording,
            settings,
            status,
            under_way: JoinSet::new(),
            busy: HashMap::new(),
            breakers,
            swept: None,
        }
    }

    pub(super) async fn run(
        mut self,
        mut outbox_signal: watch::Receiver<()>,
        mut stop: watch::Receiver<bool>,
    ) {
        while !*stop.borrow() {
            outbox_signal.mark_unchanged();
            let next = self.claim_and_start().await;
            if next == NextStep::AtOnce {
                continue;
            }
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                Some(ended) = self.under_way.join_next() => self.settle(ended),
                // Other notifications may have waited for the ones that finished.
                () = self.recording.recorded(), if next == NextStep::WhenCalled => {}
                changed = outbox_signal.changed(), if next == NextStep::WhenCalled => {
                    // The signal ends with its last sender. Polling continues.
                    if changed.is_err() {
                        sleep(self.settings.poll).await;
                    }
                }
                () = sleep(self.settings.poll) => {}
            }
            // Deliveries that finished together lead to one claim, not to one each.
            while let Some(ended) = self.under_way.try_join_next() {
                self.settle(ended);
            }
        }
        self.drain().await;
    }

    /// Waits for the deliveries in progress and until their outcomes are recorded.
    async fn drain(mut self) {
        let channel = self.delivery.channel;
        let end = Instant::now() + self.settings.drain;
        while let Ok(Some(_)) = timeout_at(end, self.under_way.join_next()).await {}
        if !self.under_way.is_empty() {
            warn!(%channel, count = self.under_way.len(), "stopped with deliveries still in progress");
            self.under_way.shutdown().await;
        }
        // This drops the last recorder.
        drop(self.delivery);
        let end = end.max(Instant::now() + LAST_RECORDS);
        if !self.recording.end_by(end).await {
            warn!(%channel, "stopped with attempts still unrecorded");
        }
    }

    /// Fills the free slots with due notifications.
    async fn claim_and_start(&mut self) -> NextStep {
        let slots = self.delivery.profile.slots.get() as usize;
        let free = u32::try_from(slots.saturating_sub(self.under_way.len())).unwrap_or(u32::MAX);
        let Some(free) = NonZeroU32::new(free) else { return NextStep::WhenFree };
        self.cancel_expired().await;
        let claimed = self.claim(free).await;
        self.status.set_working(claimed.is_ok());
        match claimed {
            Ok(claimed) => {
                let is_full = claimed.len() >= free.get() as usize;
                let is_cut = claimed.len() >= self.most_per_address().get() as usize;
                for message in claimed {
                    self.start(message);
                }
                match (is_full, is_cut) {
                    (true, _) => NextStep::WhenFree,
                    (false, true) => NextStep::AtOnce,
                    (false, false) => NextStep::WhenCalled,
                }
            }
            Err(failure) => {
                let channel = self.delivery.channel;
                warn!(%channel, %failure, cause = failure.causes(), "failed to claim notifications; retrying");
                sleep(self.settings.poll).await;
                NextStep::WhenCalled
            }
        }
    }

    /// Cancels expired notifications from time to time. Claimed ones are checked anyway.
    async fn cancel_expired(&mut self) {
        if self.swept.is_some_and(|at| at.elapsed() < SWEEP) {
            return;
        }
        let channel = self.delivery.channel;
        match self.delivery.outbox.cancel_expired(channel, EXPIRED).await {
            Ok(0) => {}
            Ok(count) => {
                info!(%channel, count, "cancelled notifications that are too late to send");
            }
            // The next claim shows whether storage works.
            Err(failure) => {
                warn!(%channel, %failure, cause = failure.causes(), "failed to cancel late notifications; retrying");
            }
        }
        self.swept = Some(Instant::now());
    }

    async fn claim(&self, limit: NonZeroU32) -> Result<Vec<ClaimedMessage>, RepositoryError> {
        let channel = self.delivery.channel;
        let claim = Claim {
            channel,
            limit,
            lease: self.delivery.profile.deadline + LEASE_MARGIN,
            most_per_address: self.most_per_address(),
            under_way: self.breakers.taken(&self.busy, Instant::now()),
        };
        let span = claim_span(self.delivery.sampler, channel);
        let claimed = self.delivery.outbox.claim_due(claim).instrument(span.clone()).await;
        match &claimed {
            // There is one every second.
            Ok(claimed) if claimed.is_empty() => span.record("trace.discarded", true),
            Ok(claimed) => span.record("engage.claimed", claimed.len()),
            Err(_) => span.record("otel.status_code", "ERROR"),
        };
        claimed
    }

    fn most_per_address(&self) -> NonZeroU32 {
        self.delivery.profile.most_per_address.unwrap_or(NonZeroU32::MAX)
    }

    fn start(&mut self, message: ClaimedMessage) {
        let address = message.address.clone();
        *self.busy.entry(address.clone()).or_default() += 1;
        let delivery = Arc::clone(&self.delivery);
        self.under_way.spawn(async move {
            let effect = delivery.deliver(message).await;
            EndedDelivery { address, effect }
        });
    }

    fn settle(&mut self, ended: Result<EndedDelivery, JoinError>) {
        match ended {
            Ok(EndedDelivery { address, effect }) => {
                self.breakers.note(&address, effect, Instant::now());
                if let Some(count) = self.busy.get_mut(&address) {
                    *count -= 1;
                    if *count == 0 {
                        self.busy.remove(&address);
                    }
                }
            }
            // A panic of a notifier is caught at the call, so this is a bug of the dispatcher. The
            // address is lost with it, and its slot counts as used until a restart.
            Err(failure) => error!(%failure, "a delivery panicked"),
        }
    }
}
