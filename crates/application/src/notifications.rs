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

/// From how long a delay on deliveries count as late.
const LATE: Duration = Duration::from_mins(1);

/// Messages and channels as staff see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPage {
    /// The messages of the page, the newest first.
    pub notifications: Vec<NotificationSummary>,
    /// How many fit in all.
    pub total: u64,
    /// How all messages stand.
    pub totals: NotificationTotals,
    /// Whether each channel takes messages.
    pub channels: Vec<ChannelStatus>,
}

/// Why deliveries are not as they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delay {
    /// A channel is stopped.
    Stopped(ChannelStatus),
    /// The oldest message of a channel that is not sent was written down more than a minute ago.
    Unsent(Channel, Duration),
    /// So many texts are held back by a limit.
    HeldBack(u64),
    /// A message has been due for longer than a minute.
    Late(Duration),
}

/// Why a message is not sent again.
#[derive(Debug, Error)]
pub enum RetryError {
    /// There is no such message.
    #[error("there is no notification {0}")]
    NotFound(NotificationId),
    /// It was neither given up nor cancelled.
    #[error("the notification {0} was neither given up nor cancelled")]
    NotDead(NotificationId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Shows staff how messages fare, and lets them set it right.
#[derive(Clone)]
pub struct TrackNotifications {
    notifications: Arc<dyn NotificationRepository>,
    outbox: Arc<dyn OutboxRepository>,
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
}

impl TrackNotifications {
    /// Shows the messages that are kept there.
    pub fn new(
        notifications: Arc<dyn NotificationRepository>,
        outbox: Arc<dyn OutboxRepository>,
        acts: Arc<dyn AuditedStore>,
        recorder: AuditRecorder,
    ) -> Self {
        Self { notifications, outbox, acts, recorder }
    }

    /// A page of messages, and how all stand.
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

    /// The newest messages about a case, 100 at most.
    pub async fn of_case(
        &self,
        number: &CaseNumber,
    ) -> Result<Vec<NotificationSummary>, RepositoryError> {
        let filter = NotificationFilter::of_case(number.clone());
        let limit = NonZeroU32::MIN.saturating_add(NOTIFICATIONS_WITH_CASE - 1);
        self.notifications.list_notifications(&filter, NonZeroU32::MIN, limit).await
    }

    /// A message with its attempts.
    pub async fn get(
        &self,
        id: NotificationId,
    ) -> Result<Option<(NotificationSummary, Vec<AttemptRecord>)>, RepositoryError> {
        self.notifications.find_notification(id).await
    }

    /// Sends a message again that was given up or cancelled, from its first attempt on.
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

    /// Sends all messages again that were given up and fit, from their first attempts on, and returns
    /// how many.
    pub async fn retry_all(
        &self,
        filter: &DeadFilter,
        by: &Initiator,
    ) -> Result<u64, RepositoryError> {
        let record = self.recorder.record(by, retried_all(filter));
        self.acts.notifications(record).send_dead_again(filter).await
    }

    /// A page of the addresses that want no messages any more, and how many there are.
    pub async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        self.notifications.list_suppressions(page, limit).await
    }

    /// Lets messages go to an address again; `false` when nothing kept them from it.
    pub async fn lift_suppression(
        &self,
        address: &Address,
        by: &Initiator,
    ) -> Result<bool, RepositoryError> {
        let act = Act::new(AuditAction::SuppressionLifted)
            .set("channel", address.channel().as_str())
            .set("recipient", shortened(address));
        self.acts.outbox(self.recorder.record(by, act)).lift_suppression(address).await
    }

    /// Takes in what the other side says of a message after it accepted it; `false` where that is
    /// no news. A recipient who wants no messages any more gets no other.
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

    /// What keeps messages from being delivered; nothing where all is well.
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

    /// Whether what waits is for endpoints that fail, while others get theirs: that is the state of
    /// those endpoints, not of the service.
    async fn is_one_endpoint(&self, channel: Channel) -> Result<bool, RepositoryError> {
        Ok(channel == Channel::Webhook && self.notifications.has_delivered(channel, LATE).await?)
    }
}

/// The reason that was asked for may have an address in it, and is only named.
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

/// An address, so that who knows it recognises it and nobody else learns it: no case is named by which
/// it could be erased later.
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
