//! Metrics of cases, notifications and storage.

mod counters;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Channel, Status};
use engage_environment::Clock;
use engage_repository::{
    AuditRepository, CaseFilter, CaseQueries, ConnectionUse, DueCases, NotificationFilter,
    NotificationRepository, OutboxRepository, RepositoryError, StoreHealth,
};
use metrics::{describe_gauge, gauge};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::counters::DELIVERY_BUCKETS;
pub(crate) use self::counters::{change_counter, count_attempt, outcome_name};

use crate::attachments::metrics as files;

const OPEN: &str = "engage_cases";
const WAITING: &str = "engage_notifications_waiting";
const OLDEST_DUE: &str = "engage_notifications_oldest_due_seconds";
const OLDEST_UNSENT: &str = "engage_notifications_oldest_unsent_seconds";
const STOPPED: &str = "engage_channel_stopped";
const HELD_BACK: &str = "engage_notifications_held_back";
const OLDEST_ACTION: &str = "engage_case_actions_oldest_due_seconds";
const OLDEST_UNSEALED: &str = "engage_audit_entries_oldest_unsealed_seconds";
const CONNECTIONS: &str = "engage_database_connections";
const CONNECTION_LIMIT: &str = "engage_database_connections_limit";
const CONNECTION_WAITERS: &str = "engage_database_connections_waiting";

/// Time for which gauges that query the database are fresh.
const FRESH: Duration = Duration::from_secs(5);

/// Ports that the gauges are read from.
pub struct GaugePorts {
    /// Counts of cases.
    pub queries: Arc<dyn CaseQueries>,
    /// Cases with a due action.
    pub due_cases: Arc<dyn DueCases>,
    /// Counts and ages of notifications.
    pub notifications: Arc<dyn NotificationRepository>,
    /// States of the channels.
    pub outbox: Arc<dyn OutboxRepository>,
    /// The audit log.
    pub audit: Arc<dyn AuditRepository>,
    /// Database connections.
    pub store: Arc<dyn StoreHealth>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
}

/// Refreshes the gauges that are read from storage.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{GaugePorts, Gauges};
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_change_set, an_opened};
/// use metrics_exporter_prometheus::PrometheusBuilder;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// let recorder = PrometheusBuilder::new().build_recorder();
/// let _recording = metrics::set_default_local_recorder(&recorder);
/// let gauges = Gauges::new(GaugePorts {
///     queries: store.clone(),
///     due_cases: store.clone(),
///     notifications: store.clone(),
///     outbox: store.clone(),
///     audit: store.clone(),
///     store,
///     clock: Arc::new(ManualClock::new()),
/// });
/// gauges.refresh().await?;
/// assert!(recorder.handle().render().contains("engage_cases{status=\"OPEN\"} 1"));
/// # Ok(())
/// # }
/// ```
pub struct Gauges {
    ports: GaugePorts,
    read: Mutex<Option<Instant>>,
}

impl Gauges {
    /// Creates the gauges and initializes the counters. Requires an installed metrics recorder.
    pub fn new(ports: GaugePorts) -> Self {
        counters::begin();
        files::begin();
        describe();
        for age in [OLDEST_ACTION, OLDEST_UNSEALED] {
            gauge!(age).set(0.0);
        }
        Self { ports, read: Mutex::default() }
    }

    /// Refreshes the gauges of database connections, without using a connection.
    pub fn refresh_connections(&self) {
        let ConnectionUse { limit, in_use, idle, waiting } = self.ports.store.connection_use();
        gauge!(CONNECTIONS, "state" => "in_use").set(in_use);
        gauge!(CONNECTIONS, "state" => "idle").set(idle);
        gauge!(CONNECTION_LIMIT).set(limit);
        gauge!(CONNECTION_WAITERS).set(waiting);
    }

    /// Refreshes all other gauges, unless that happened in the last 5 seconds.
    pub async fn refresh(&self) -> Result<(), RepositoryError> {
        let mut read = self.read.lock().await;
        if read.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        self.refresh_cases().await?;
        self.refresh_channels().await?;
        self.refresh_notifications().await?;
        self.refresh_audit_log().await?;
        *read = Some(Instant::now());
        Ok(())
    }

    async fn refresh_cases(&self) -> Result<(), RepositoryError> {
        let GaugePorts { queries, due_cases, clock, .. } = &self.ports;
        for &status in Status::ALL.iter().filter(|status| !status.is_finished()) {
            let filter = CaseFilter { status: vec![status], ..CaseFilter::default() };
            let count = queries.count_cases(&filter).await?;
            gauge!(OPEN, "status" => status.as_str()).set(float(count));
        }
        let now = clock.now();
        let due = due_cases.list_due_cases(now, None, NonZeroU32::MIN).await?;
        let late = due.first().map(|case| now.since(case.due_at));
        gauge!(OLDEST_ACTION).set(late.unwrap_or_default().as_secs_f64());
        Ok(())
    }

    async fn refresh_channels(&self) -> Result<(), RepositoryError> {
        let outbox = &self.ports.outbox;
        let states = outbox.list_channels().await?;
        for &channel in Channel::ALL {
            let state = states.iter().find(|state| state.channel == channel);
            let is_stopped = state.is_some_and(|state| state.stopped.is_some());
            gauge!(STOPPED, "channel" => channel.as_str()).set(f64::from(is_stopped));
        }
        let held_back = outbox.count_held_back().await?;
        for &channel in Channel::ALL {
            let count = held_back.iter().find(|(of, _)| *of == channel).map_or(0, |(_, n)| *n);
            gauge!(HELD_BACK, "channel" => channel.as_str()).set(float(count));
        }
        Ok(())
    }

    async fn refresh_notifications(&self) -> Result<(), RepositoryError> {
        let notifications = &self.ports.notifications;
        for &channel in Channel::ALL {
            let filter = NotificationFilter {
                status: vec![NotificationStatus::Pending, NotificationStatus::InFlight],
                channel: vec![channel],
                ..NotificationFilter::default()
            };
            let count = notifications.count_notifications(&filter).await?;
            gauge!(WAITING, "channel" => channel.as_str()).set(float(count));
        }
        let oldest = notifications.oldest_due().await?.unwrap_or_default();
        gauge!(OLDEST_DUE).set(oldest.as_secs_f64());
        let unsent = notifications.oldest_unsent().await?;
        for &channel in Channel::ALL {
            let age = unsent.iter().find(|(of, _)| *of == channel).map(|(_, age)| *age);
            let seconds = age.unwrap_or_default().as_secs_f64();
            gauge!(OLDEST_UNSENT, "channel" => channel.as_str()).set(seconds);
        }
        Ok(())
    }

    async fn refresh_audit_log(&self) -> Result<(), RepositoryError> {
        let GaugePorts { audit, clock, .. } = &self.ports;
        let unsealed = audit.audit_state().await?.unsealed_since;
        let age = unsealed.map(|since| clock.now().since(since)).unwrap_or_default();
        gauge!(OLDEST_UNSEALED).set(age.as_secs_f64());
        Ok(())
    }
}

/// Converts a count to a gauge value, exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

fn describe() {
    describe_gauge!(OPEN, "Cases that are neither closed nor cancelled, by status.");
    describe_gauge!(WAITING, "Notifications that are pending or in flight, by channel.");
    describe_gauge!(OLDEST_DUE, "Time since the oldest due notification became due.");
    describe_gauge!(OLDEST_UNSENT, "Age of the oldest unsent notification, by channel.");
    describe_gauge!(STOPPED, "1 if the channel is stopped, otherwise 0.");
    describe_gauge!(HELD_BACK, "Notifications held back by a sending limit, by channel.");
    describe_gauge!(OLDEST_ACTION, "Time since the oldest due action of a case became due.");
    describe_gauge!(OLDEST_UNSEALED, "Age of the oldest audit entry outside the chain.");
    describe_gauge!(CONNECTIONS, "Open database connections, by state.");
    describe_gauge!(
        CONNECTION_LIMIT,
        "Maximum number of database connections (database.pool_size)."
    );
    describe_gauge!(CONNECTION_WAITERS, "Callers waiting for a database connection.");
}
