use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Address, CaseNumber, Channel, NotificationId};
use engage_repository::{
    AttemptRecord, AuditedStore, ChannelStatus, DeadFilter, DeliveryReport,
    NOTIFICATIONS_WITH_CASE, NotificationFilter, NotificationRepository, NotificationSummary,
    NotificationTotals, OutboxRepository, RepositoryError, Suppression,
};
use thiserror::Error;

use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::customer_access::AccessTokens;

/// Delay from which deliveries count as late.
const LATE: Duration = Duration::from_mins(1);

/// A page of notifications, with the state of the channels, for staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPage {
    /// Notifications of the page, newest first.
    pub notifications: Vec<NotificationSummary>,
    /// Number of notifications that match on all pages.
    pub total: u64,
    /// Number of all notifications by status.
    pub totals: NotificationTotals,
    /// State of each channel.
    pub channels: Vec<ChannelStatus>,
}

/// Problem that delays deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delay {
    /// A channel is stopped.
    Stopped(ChannelStatus),
    /// The oldest unsent notification of a channel was created more than a minute ago.
    Unsent(Channel, Duration),
    /// Number of text messages held back by a limit.
    HeldBack(u64),
    /// A notification has been due for more than a minute.
    Late(Duration),
}

/// Error returned when a notification cannot be resent.
#[derive(Debug, Error)]
pub enum RetryError {
    /// There is no such notification.
    #[error("there is no notification {0}")]
    NotFound(NotificationId),
    /// The notification was neither given up nor cancelled.
    #[error("the notification {0} was neither given up nor cancelled")]
    NotDead(NotificationId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Lets staff inspect notifications and correct their delivery.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, RetryError, TrackNotifications};
/// # use engage_application::AuditRecorder;
/// use engage_domain::notify::NotificationStatus;
/// # use engage_repository::{CaseRepository, NotificationRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, a_message, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let message = a_message("john@example.com");
/// # store.commit(a_change_set(an_opened(1), vec![message.clone()])).await?;
/// # store.cancel(&message.address, "the mailbox was full").await?;
/// # let recorder = AuditRecorder::new(Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// let track = TrackNotifications::new(store.clone(), store.clone(), store, recorder);
/// let listed = track.of_case(&a_case_number(1)).await?;
/// assert_eq!(listed[0].status, NotificationStatus::Cancelled);
///
/// let by = Initiator::command_line();
/// track.retry(listed[0].id, &by).await?;
/// let (again, _) = track.get(listed[0].id).await?.expect("the notification is stored");
/// assert_eq!((again.status, again.attempts), (NotificationStatus::Pending, 0));
/// let refused = track.retry(listed[0].id, &by).await;
/// assert!(matches!(refused, Err(RetryError::NotDead(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TrackNotifications {
    notifications: Arc<dyn NotificationRepository>,
    outbox: Arc<dyn OutboxRepository>,
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
    tokens: Option<AccessTokens>,
}

impl TrackNotifications {
    /// Creates the use case.
    pub fn new(
        notifications: Arc<dyn NotificationRepository>,
        outbox: Arc<dyn OutboxRepository>,
        acts: Arc<dyn AuditedStore>,
        recorder: AuditRecorder,
    ) -> Self {
        Self { notifications, outbox, acts, recorder, tokens: None }
    }

    /// Finds suppressions of erased persons, whose addresses are stored as hashes made with the key of
    /// the tokens, too.
    #[must_use]
    pub fn with_access_tokens(self, tokens: AccessTokens) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    /// Returns a page of notifications, with the totals and the state of the channels.
    pub async fn page(
        &self,
        filter: &NotificationFilter,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<NotificationPage, RepositoryError> {
        Ok(NotificationPage {
            notifications: self.notifications.list_notifications(filter, page, limit).await?,
            total: self.notifications.count_notifications(filter).await?,
            totals: self.notifications.sum_up_notifications().await?,
            channels: self.outbox.list_channels().await?,
        })
    }

    /// Returns the newest notifications about a case, at most 100.
    pub async fn of_case(
        &self,
        number: &CaseNumber,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let filter = NotificationFilter::of_case(number.clone());
        let limit = NonZeroU32::MIN.saturating_add(NOTIFICATIONS_WITH_CASE - 1);
        self.notifications.list_notifications(&filter, NonZeroU32::MIN, limit).await
    }

    /// Returns a notification with its delivery attempts.
    pub async fn get(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        self.notifications.find_notification(id).await
    }

    /// Resends a notification that was given up or cancelled. Its attempts start over.
    pub async fn retry(&self, id: NotificationId, by: &Initiator) -> Result<(), RetryError> {
        let act = Act::new(AuditAction::NotificationRetried).to(id);
        if self.acts.notifications(self.recorder.record(by, act)).send_again(id).await? {
            return Ok(());
        }
        match self.notifications.find_notification(id).await? {
            Some(_) => Err(RetryError::NotDead(id)),
            None => Err(RetryError::NotFound(id)),
        }
    }

    /// Resends all matching notifications that were given up, and returns their number. Their
    /// attempts start over.
    pub async fn retry_all(
        &self,
        filter: &DeadFilter,
        by: &Initiator,
    ) -> Result<u64, RepositoryError> {
        let record = self.recorder.record(by, retried_all(filter));
        self.acts.notifications(record).send_dead_again(filter).await
    }

    /// Returns a page of the suppressed addresses, and the number of all of them.
    pub async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        self.notifications.list_suppressions(page, limit).await
    }

    /// Lifts the suppression of an address. Returns `false` if it was not suppressed.
    pub async fn lift_suppression(
        &self,
        address: &Address,
        by: &Initiator,
    ) -> Result<bool, RepositoryError> {
        let act = Act::new(AuditAction::SuppressionLifted)
            .set("channel", address.channel().as_str())
            .set("recipient", shortened(address));
        let key = match &self.tokens {
            Some(tokens) => tokens.suppression_key(address),
            None => address.clone().into(),
        };
        self.acts.outbox(self.recorder.record(by, act)).lift_suppression(&key).await
    }

    /// Records a delivery report for a notification that was accepted. Returns `false` if the
    /// report changes nothing. The address of a recipient who has opted out is suppressed.
    pub async fn report(
        &self,
        id: NotificationId,
        report: DeliveryReport,
        is_unwanted: bool,
    ) -> Result<bool, RepositoryError> {
        if is_unwanted
            && let DeliveryReport::Failed { reason } = &report
            && let Some((summary, _)) = self.notifications.find_notification(id).await?
        {
            self.outbox.suppress(&summary.address, reason).await?;
        }
        self.notifications.report(id, report).await
    }

    /// Returns the problem that delays deliveries, or `None` if there is none.
    pub async fn delay(&self) -> Result<Option<Delay>, RepositoryError> {
        let channels = self.outbox.list_channels().await?;
        if let Some(stopped) = channels.into_iter().find(|channel| channel.stopped.is_some()) {
            return Ok(Some(Delay::Stopped(stopped)));
        }
        for (channel, age) in self.notifications.oldest_unsent().await? {
            if age > LATE && !self.is_one_endpoint(channel).await? {
                return Ok(Some(Delay::Unsent(channel, age)));
            }
        }
        let held_back = self.outbox.count_held_back().await?;
        if let Some((_, count)) = held_back.into_iter().find(|(of, _)| *of == Channel::Sms) {
            return Ok(Some(Delay::HeldBack(count)));
        }
        let oldest = self.notifications.oldest_due().await?;
        Ok(oldest.filter(|late| *late > LATE).map(Delay::Late))
    }

    /// Checks whether only failing endpoints cause the wait. That is a problem of those endpoints,
    /// not of the service.
    async fn is_one_endpoint(&self, channel: Channel) -> Result<bool, RepositoryError> {
        Ok(channel == Channel::Webhook && self.notifications.has_delivered(channel, LATE).await?)
    }
}

/// The reason of a filter may contain an address, so only the fact that it was given is recorded.
fn retried_all(filter: &DeadFilter) -> Act {
    let DeadFilter { since, channel, address, reason } = filter;
    let mut act = Act::new(AuditAction::NotificationsRetried).set("since", since.to_string());
    if let Some(channel) = channel {
        act = act.set("channel", channel.as_str());
    }
    if let Some(address) = address {
        act = act.set("recipient", shortened(address));
    }
    if reason.is_some() { act.touched("reason") } else { act }
}

/// Abbreviates an address, so that only somebody who knows it recognises it. The entry names no
/// case with which it could be erased later.
fn shortened(address: &Address) -> String {
    match address {
        Address::Email(email) => {
            let (name, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
            let first: String = name.chars().take(1).collect();
            format!("{first}…@{domain}")
        }
        Address::Phone(number) => {
            let digits: Vec<char> = number.as_str().chars().collect();
            let last: String = digits[digits.len().saturating_sub(2)..].iter().collect();
            format!("…{last}")
        }
        Address::Webhook(id) => id.to_string(),
    }
}
