use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{
    Address, AttemptOutcome, CaseNumber, Channel, EventType, NotificationId, NotificationStatus,
    Template, Timestamp, WebhookId,
};

use crate::RepositoryError;

/// Number of notifications that are shown with the details of a case, the newest.
pub const NOTIFICATIONS_WITH_CASE: u32 = 100;

/// A message as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSummary {
    /// Identifies the message.
    pub id: NotificationId,
    /// The case it is about.
    pub case_number: CaseNumber,
    /// What happened.
    pub event_type: EventType,
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
    /// Where it stands.
    pub status: NotificationStatus,
    /// How often it was attempted.
    pub attempts: u32,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it is tried next, or when the attempt under way is given up; none where it is finished.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

/// One attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What went wrong.
    pub reason: Option<String>,
}

/// Which messages are wanted: those that fit every criterion. One with several values is met by any
/// of them, one with none by every message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Where they stand.
    pub status: Vec<NotificationStatus>,
    /// By which channel they go.
    pub channel: Vec<Channel>,
    /// The case they are about.
    pub case_number: Option<CaseNumber>,
    /// What happened.
    pub event_type: Vec<EventType>,
    /// The endpoint that they are for.
    pub endpoint: Option<WebhookId>,
    /// The earliest time at which they were written down.
    pub from: Option<Timestamp>,
    /// The time that they were written down before.
    pub to: Option<Timestamp>,
}

impl NotificationFilter {
    /// All that are about a case.
    pub fn of_case(number: CaseNumber) -> Self {
        Self { case_number: Some(number), ..Self::default() }
    }
}

/// How messages stand in all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationTotals {
    /// How many there are, by status and channel; those that are none are left out.
    pub counts: Vec<(NotificationStatus, Channel, u64)>,
    /// For each channel with messages that are not finished, how long ago the oldest of them was
    /// written down.
    pub oldest_unsent: Vec<(Channel, Duration)>,
    /// How many were accepted in the last hour.
    pub delivered_last_hour: u64,
    /// How many were given up in the last hour.
    pub failed_last_hour: u64,
}

/// Which of the messages that were given up are to be sent again: those that fit every criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadFilter {
    /// The earliest time at which they were given up.
    pub since: Timestamp,
    /// By which channel they go.
    pub channel: Option<Channel>,
    /// The address they are for.
    pub address: Option<Address>,
    /// What the reason has in it, in any case of ASCII letters.
    pub reason: Option<String>,
}

/// An address that wants no messages any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The address, an e-mail address in lower case.
    pub address: Address,
    /// What is known of that.
    pub reason: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// What the other side says of a message after it accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryReport {
    /// It arrived.
    Delivered,
    /// It did not.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Messages, to be looked at and set right.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationRepository: Send + Sync {
    /// Lists messages, the newest first. MUST return an empty page past the end.
    async fn list_notifications(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<Vec<NotificationSummary>, RepositoryError>;

    /// Counts the messages that fit, exactly.
    async fn count_notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<u64, RepositoryError>;

    /// Finds a message with its attempts, the first one first.
    async fn find_notification(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError>;

    /// How all messages stand.
    async fn sum_up_notifications(&self) -> Result<NotificationTotals, RepositoryError>;

    /// For how long the oldest due message has been due; none where none is.
    async fn oldest_due(&self) -> Result<Option<Duration>, RepositoryError>;

    /// For each channel with messages that are not finished, how long ago the oldest of them was
    /// written down, however often its time was moved; in the order of [`Channel::ALL`].
    async fn oldest_unsent(&self) -> Result<Vec<(Channel, Duration)>, RepositoryError>;

    /// Whether a channel's other side accepted a message within this time.
    async fn has_delivered(
        &self,
        channel: Channel,
        within: Duration,
    ) -> Result<bool, RepositoryError>;

    /// Makes a message that was given up or cancelled due again, with no attempt counted. Once
    /// claimed, it says that [somebody asked for it](crate::ClaimedMessage::is_asked_again).
    ///
    /// MUST return `false` and change nothing where it is not one of those.
    async fn send_again(&self, id: NotificationId) -> Result<bool, RepositoryError>;

    /// Makes all due again that were given up and fit, with no attempt counted, and returns how many.
    async fn send_dead_again(&self, filter: &DeadFilter) -> Result<u64, RepositoryError>;

    /// Lists the addresses that want no messages any more, by channel and address, and counts them
    /// in all. MUST return an empty page past the end.
    async fn list_suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError>;

    /// Cancels all messages for an address that are not finished, and returns how many. One that is
    /// being delivered may arrive nevertheless.
    async fn cancel(&self, address: &Address, reason: &str) -> Result<u64, RepositoryError>;

    /// Records what the other side says of a message.
    ///
    /// MUST return `false` and change nothing where the message is not on its way or accepted; what
    /// is said comes late, twice and out of order. A message that arrived stays so.
    async fn report(
        &self,
        id: NotificationId,
        report: DeliveryReport,
    ) -> Result<bool, RepositoryError>;
}
