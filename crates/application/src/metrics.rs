//! What is counted, for Prometheus.

use std::sync::Arc;
use std::time::Duration;

use engage_domain::{CaseFacts, Channel, Event, EventKind, NotificationStatus, Status};
use engage_repository::{
    CaseFilter, CaseQueries, Completion, NotificationFilter, NotificationRepository,
    OutboxRepository, RepositoryError,
};
use metrics::{
    Counter, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::attachments::metrics as files;

const CREATED: &str = "engage_cases_created_total";
const ESCALATED: &str = "engage_cases_escalated_total";
const CANCELLED: &str = "engage_cases_cancelled_total";
const OVERDUE: &str = "engage_cases_overdue_total";
const OPEN: &str = "engage_cases";
const DELIVERIES: &str = "engage_deliveries_total";
const DELIVERY_SECONDS: &str = "engage_delivery_seconds";
const WAITING: &str = "engage_notifications_waiting";
const OLDEST_DUE: &str = "engage_notifications_oldest_due_seconds";
const OLDEST_UNSENT: &str = "engage_notifications_oldest_unsent_seconds";
const STOPPED: &str = "engage_channel_stopped";
const HELD_BACK: &str = "engage_notifications_held_back";

/// For how long gauges are good that take a look into storage.
const FRESH: Duration = Duration::from_secs(5);

/// What counts a change of a case, once it is committed.
pub(crate) fn change_counter(event: &Event, case: &CaseFacts) -> Counter {
    let name = match &event.kind {
        EventKind::Created => CREATED,
        EventKind::Escalated(_) => ESCALATED,
        EventKind::Cancelled => CANCELLED,
        EventKind::Overdue(overdue) => {
            return counter!(
                OVERDUE,
                "clock" => overdue.clock.as_str(),
                "alert" => overdue.alert.as_str(),
                "urgency" => case.urgency.as_str(),
                "customer_type" => case.customer.customer_type.as_str(),
            );
        }
        EventKind::Updated | EventKind::Assigned => return Counter::noop(),
    };
    counter!(
        name,
        "urgency" => case.urgency.as_str(),
        "issue_type" => case.issue_type.as_str(),
        "customer_type" => case.customer.customer_type.as_str(),
    )
}

/// Counts an attempt to deliver a message.
pub(crate) fn count_attempt(channel: Channel, completion: &Completion, took: Duration) {
    let outcome = match completion {
        Completion::Sent => "sent",
        Completion::Retry { .. } => "failed",
        Completion::Dead { .. } => "dead",
        Completion::Deferred { .. } => "deferred",
        Completion::Cancelled { .. } => "cancelled",
        Completion::HeldBack { .. } => "held_back",
        Completion::Released => return,
    };
    counter!(DELIVERIES, "channel" => channel.as_str(), "outcome" => outcome).increment(1);
    histogram!(DELIVERY_SECONDS, "channel" => channel.as_str()).record(took.as_secs_f64());
}

/// Brings the gauges up to date that storage knows.
pub struct Gauges {
    queries: Arc<dyn CaseQueries>,
    notifications: Arc<dyn NotificationRepository>,
    outbox: Arc<dyn OutboxRepository>,
    read: Mutex<Option<Instant>>,
}

impl Gauges {
    /// Reads them from there. A recorder has to be installed before.
    pub fn new(
        queries: Arc<dyn CaseQueries>,
        notifications: Arc<dyn NotificationRepository>,
        outbox: Arc<dyn OutboxRepository>,
    ) -> Self {
        describe();
        files::begin();
        Self { queries, notifications, outbox, read: Mutex::default() }
    }

    /// Brings them up to date, where that was not done in the last 5 seconds.
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
        for channel in self.outbox.list_channels().await? {
            let is_stopped = channel.stopped.is_some();
            gauge!(STOPPED, "channel" => channel.channel.as_str()).set(f64::from(is_stopped));
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
    describe_counter!(CREATED, "Cases that were opened.");
    describe_counter!(ESCALATED, "Escalations of cases.");
    describe_counter!(CANCELLED, "Cases that were cancelled.");
    describe_counter!(OVERDUE, "Service targets that came in danger or were missed.");
    describe_gauge!(OPEN, "Cases that are neither closed nor cancelled, by status.");
    describe_counter!(DELIVERIES, "Attempts to deliver a message, by channel and outcome.");
    describe_histogram!(DELIVERY_SECONDS, "How long attempts to deliver a message took.");
    describe_gauge!(WAITING, "Messages that are not finished, by channel.");
    describe_gauge!(OLDEST_DUE, "For how long the oldest due message has been due.");
    describe_gauge!(
        OLDEST_UNSENT,
        "How long ago the oldest message that is not sent was written down, by channel."
    );
    describe_gauge!(STOPPED, "1 where a channel takes no messages.");
    describe_gauge!(HELD_BACK, "Messages that a limit on sending holds back, by channel.");
}
