//! Metrics of cases, messages and storage.

mod counters;

use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Channel, NotificationStatus, Status};
use engage_repository::{
    CaseFilter, CaseQueries, ConnectionUse, NotificationFilter, NotificationRepository,
    OutboxRepository, RepositoryError, StoreHealth,
};
use metrics::{describe_gauge, gauge};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::counters::DELIVERY_BUCKETS;
pub(crate) use self::counters::{change_counter, count_attempt};

use crate::attachments::metrics as files;

const OPEN: &str = "engage_cases";
const WAITING: &str = "engage_notifications_waiting";
const OLDEST_DUE: &str = "engage_notifications_oldest_due_seconds";
const OLDEST_UNSENT: &str = "engage_notifications_oldest_unsent_seconds";
const STOPPED: &str = "engage_channel_stopped";
const HELD_BACK: &str = "engage_notifications_held_back";
const CONNECTIONS: &str = "engage_database_connections";
const CONNECTION_LIMIT: &str = "engage_database_connections_limit";
const CONNECTION_WAITERS: &str = "engage_database_connections_waiting";

/// For how long gauges are good that take a look into storage.
const FRESH: Duration = Duration::from_secs(5);

/// Brings the gauges up to date that storage knows.
pub struct Gauges {
    queries: Arc<dyn CaseQueries>,
    notifications: Arc<dyn NotificationRepository>,
    outbox: Arc<dyn OutboxRepository>,
    store: Arc<dyn StoreHealth>,
    read: Mutex<Option<Instant>>,
}

impl Gauges {
    /// Reads them from there, and begins the counters. A recorder has to be installed before.
    pub fn new(
        queries: Arc<dyn CaseQueries>,
        notifications: Arc<dyn NotificationRepository>,
        outbox: Arc<dyn OutboxRepository>,
        store: Arc<dyn StoreHealth>,
    ) -> Self {
        counters::begin();
        files::begin();
        describe();
        Self { queries, notifications, outbox, store, read: Mutex::default() }
    }

    /// Reads how connections are used, which takes no connection.
    pub fn refresh_connections(&self) {
        let ConnectionUse { limit, in_use, idle, waiting } = self.store.connection_use();
        gauge!(CONNECTIONS, "state" => "in_use").set(in_use);
        gauge!(CONNECTIONS, "state" => "idle").set(idle);
        gauge!(CONNECTION_LIMIT).set(limit);
        gauge!(CONNECTION_WAITERS).set(waiting);
    }

    /// Reads the rest, unless that was done in the last 5 seconds.
    pub async fn refresh(&self) -> Result<(), RepositoryError> {
        let mut read = self.read.lock().await;
        if read.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        for &status in Status::ALL.iter().filter(|status| !status.is_finished()) {
            let filter = CaseFilter { status: vec![status], ..CaseFilter::default() };
            let count = self.queries.count_cases(&filter).await?;
            gauge!(OPEN, "status" => status.as_str()).set(float(count));
        }
        for &channel in Channel::ALL {
            let filter = NotificationFilter {
                status: vec![NotificationStatus::Pending, NotificationStatus::InFlight],
                channel: vec![channel],
                ..NotificationFilter::default()
            };
            let count = self.notifications.count_notifications(&filter).await?;
            gauge!(WAITING, "channel" => channel.as_str()).set(float(count));
        }
        let states = self.outbox.list_channels().await?;
        for &channel in Channel::ALL {
            let state = states.iter().find(|state| state.channel == channel);
            let is_stopped = state.is_some_and(|state| state.stopped.is_some());
            gauge!(STOPPED, "channel" => channel.as_str()).set(f64::from(is_stopped));
        }
        let held_back = self.outbox.count_held_back().await?;
        for &channel in Channel::ALL {
            let count = held_back.iter().find(|(of, _)| *of == channel).map_or(0, |(_, n)| *n);
            gauge!(HELD_BACK, "channel" => channel.as_str()).set(float(count));
        }
        let oldest = self.notifications.oldest_due().await?.unwrap_or_default();
        gauge!(OLDEST_DUE).set(oldest.as_secs_f64());
        let unsent = self.notifications.oldest_unsent().await?;
        for &channel in Channel::ALL {
            let age = unsent.iter().find(|(of, _)| *of == channel).map(|(_, age)| *age);
            let seconds = age.unwrap_or_default().as_secs_f64();
            gauge!(OLDEST_UNSENT, "channel" => channel.as_str()).set(seconds);
        }
        *read = Some(Instant::now());
        Ok(())
    }
}

/// A count as a gauge has it: exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

fn describe() {
    describe_gauge!(OPEN, "Cases that are neither closed nor cancelled, by status.");
    describe_gauge!(WAITING, "Messages that are not finished, by channel.");
    describe_gauge!(OLDEST_DUE, "Time for which the oldest due message has been due.");
    describe_gauge!(
        OLDEST_UNSENT,
        "Time since the oldest message was written that is not sent, by channel."
    );
    describe_gauge!(STOPPED, "1 while a channel takes no messages, else 0.");
    describe_gauge!(HELD_BACK, "Messages that a limit on sending holds back, by channel.");
    describe_gauge!(CONNECTIONS, "Open connections to the database, by state.");
    describe_gauge!(CONNECTION_LIMIT, "Most connections to the database (database.pool_size).");
    describe_gauge!(CONNECTION_WAITERS, "Callers that wait for a connection to the database.");
}
