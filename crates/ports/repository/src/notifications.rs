use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::notify::{AttemptOutcome, NotificationStatus};
use engage_domain::{
    Address, CaseNumber, Channel, EventType, NotificationId, Template, Timestamp, WebhookId,
};

use crate::{RepositoryError, Suppression};

/// Number of notifications that are shown with the details of a case, the newest.
pub const NOTIFICATIONS_WITH_CASE: u32 = 100;

/// A notification as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSummary {
    /// Id of the notification.
    pub id: NotificationId,
    /// Number of the case it is about.
    pub case_number: CaseNumber,
    /// Type of the event.
    pub event_type: EventType,
    /// Template of the text.
    pub template: Template,
    /// Address of the recipient.
    pub address: Address,
    /// Current status.
    pub status: NotificationStatus,
    /// Number of delivery attempts.
    pub attempts: u32,
    /// Reason for the last failure.
    pub last_error: Option<String>,
    /// Time of the next attempt, or the end of the lease of the current one. `None` once finished.
    pub next_attempt_at: Option<Timestamp>,
    /// Time at which it was written to the outbox.
    pub created_at: Timestamp,
    /// Time at which it was finished.
    pub finished_at: Option<Timestamp>,
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Start of the attempt.
    pub started_at: Timestamp,
    /// Duration of the attempt.
    pub took: Duration,
    /// Outcome of the attempt.
    pub outcome: AttemptOutcome,
    /// Reason for the failure.
    pub reason: Option<String>,
}

/// Criteria that a notification must meet. A criterion with several values matches any of them, and
/// an empty one matches every notification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Status of the notification.
    pub status: Vec<NotificationStatus>,
    /// Channel of the notification.
    pub channel: Vec<Channel>,
    /// Number of the case it is about.
    pub case_number: Option<CaseNumber>,
    /// Type of the event.
    pub event_type: Vec<EventType>,
    /// Webhook endpoint it is addressed to.
    pub endpoint: Option<WebhookId>,
    /// Earliest time at which it was written to the outbox, inclusive.
    pub from: Option<Timestamp>,
    /// Latest time at which it was written to the outbox, exclusive.
    pub to: Option<Timestamp>,
}

impl NotificationFilter {
    /// Matches all notifications about a case.
    pub fn of_case(number: CaseNumber) -> Self {
        Self { case_number: Some(number), ..Self::default() }
    }
}

/// Statistics of all notifications.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationTotals {
    /// Number of notifications by status and channel. Zero counts are omitted.
    pub counts: Vec<(NotificationStatus, Channel, u64)>,
    /// Age of the oldest unfinished notification of each channel that has any.
    pub oldest_unsent: Vec<(Channel, Duration)>,
    /// Number of notifications accepted in the last hour.
    pub delivered_last_hour: u64,
    /// Number of notifications given up in the last hour.
    pub failed_last_hour: u64,
}

/// Criteria for resending dead letters, which are notifications that were given up. All of them
/// must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadFilter {
    /// Earliest time at which the notification was given up.
    pub since: Timestamp,
    /// Channel of the notification.
    pub channel: Option<Channel>,
    /// Address of the recipient.
    pub address: Option<Address>,
    /// Text that the reason contains, ignoring the case of ASCII letters.
    pub reason: Option<String>,
}

/// Delivery status reported by the provider after it accepted a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryReport {
    /// The notification was delivered.
    Delivered,
    /// The notification was not delivered.
    Failed {
        /// Reason reported by the provider.
        reason: String,
    },
}

/// Inspection and manual handling of notifications.
///
/// ```
/// use engage_domain::notify::NotificationStatus;
/// use engage_repository::{CaseRepository, NotificationFilter, NotificationRepository};
/// use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_case_number, a_change_set, a_message, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let message = a_message("john@example.com");
/// store.commit(a_change_set(an_opened(1), vec![message.clone()])).await?;
/// let filter = NotificationFilter::of_case(a_case_number(1));
/// assert_eq!(store.count_notifications(&filter).await?, 1);
///
/// assert_eq!(store.cancel(&message.address, "the address is wrong").await?, 1);
/// let found = store.find_notification(message.id).await?;
/// let (notification, attempts) = found.expect("the notification is stored");
/// assert_eq!(notification.status, NotificationStatus::Cancelled);
/// assert_eq!(attempts, []);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationRepository: Send + Sync {
    /// Lists notifications, newest first. MUST return an empty page past the end. MAY leave out
    /// notifications whose templates only a newer program has.
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError>;

    /// Returns the exact number of notifications that match a filter.
    async fn count_notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<u64, RepositoryError>;

    /// Finds a notification with its attempts, first attempt first.
    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError>;

    /// Returns statistics of all notifications.
    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError>;

    /// Returns for how long the oldest due notification has been due, or `None` if none is due.
    async fn oldest_due(&self) -> Result<Option<Duration>, RepositoryError>;

    /// Returns the age of the oldest unfinished notification of each channel that has any, in the
    /// order of [`Channel::ALL`]. The age counts from the time at which it was written to the
    /// outbox, regardless of later retries.
    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError>;

    /// Checks whether a notification of a channel was accepted within the given time.
    async fn has_delivered(
        &self,
        channel: Channel,
        within: Duration,
    ) -> Result<bool, RepositoryError>;

    /// Makes a notification that was given up or cancelled due again, and resets its attempt
    /// counter. When it is claimed, [`is_asked_again`](crate::ClaimedMessage::is_asked_again) is
    /// set.
    ///
    /// MUST return `false` and change nothing if the notification was neither given up nor
    /// cancelled.
    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError>;

    /// Makes all dead letters that match a filter due again, resets their attempt counters, and
    /// returns their number.
    async fn send_dead_again(&self, filter: &DeadFilter) -> Result<u64, RepositoryError>;

    /// Lists suppressed addresses, by channel and address, and returns their total number. MUST
    /// return an empty page past the end.
    async fn list_suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError>;

    /// Cancels all unfinished notifications for an address and returns their number. A delivery in
    /// progress may still succeed.
    async fn cancel(&self, address: &Address, reason: &str) -> Result<u64, RepositoryError>;

    /// Records a delivery report of the provider.
    ///
    /// MUST return `false` and change nothing if the notification is neither being delivered nor
    /// accepted, because reports arrive late, repeatedly and out of order. A notification that was
    /// delivered stays delivered.
    async fn report(
        &self,
        id: NotificationId,
        report: DeliveryReport,
    ) -> Result<bool, RepositoryError>;
}
