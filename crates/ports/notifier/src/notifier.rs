use async_trait::async_trait;
use engage_domain::{Address, CaseNumber, NotificationId, Template, TraceContext};

use crate::error::NotifyError;
use crate::profile::ChannelProfile;
use crate::{CustomerAccess, Snapshot};

/// A notification to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Id of the notification. It is the same on every attempt, so that the recipient can detect
    /// duplicates.
    pub id: NotificationId,
    /// Number of the case it is about.
    pub case_number: CaseNumber,
    /// Template to render.
    pub template: Template,
    /// Address of the recipient.
    pub address: Address,
    /// A [`Snapshot`](crate::Snapshot) as JSON. Webhooks send it without rendering, and other
    /// channels render their messages from it.
    pub snapshot: String,
    /// Access credentials that only the customer, or the participant whom it is for, may receive.
    pub access: CustomerAccess,
    /// Other cases that this notification covers, because their own notifications were held back by
    /// a rate limit.
    pub gathered: Vec<CaseNumber>,
    /// The span of this attempt, if the event has a trace. Only webhooks pass it on.
    pub trace: Option<TraceContext>,
}

impl Notification {
    /// Parses the snapshot and adds the other cases. Fails with [`NotifyError::Rejected`] if the
    /// JSON is not a valid snapshot.
    pub fn snapshot(&self) -> Result<Snapshot, NotifyError> {
        let snapshot: Snapshot = serde_json::from_str(&self.snapshot).map_err(|cause| {
            NotifyError::rejected(format!("the snapshot cannot be read: {cause}"))
        })?;
        Ok(Snapshot { gathered: self.gathered.clone(), ..snapshot })
    }
}

/// Delivers the notifications of one channel.
///
/// ```
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{
/// #     ChannelProfile, CustomerAccess, Notification, Notifier, NotifyError, RetrySchedule,
/// #     async_trait, concurrent,
/// # };
/// /// Delivers nothing, but rejects addresses of other domains.
/// struct OnlyTo(&'static str);
///
/// #[async_trait]
/// impl Notifier for OnlyTo {
///     async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
///         match &notification.address {
///             Address::Email(to) if to.as_str().ends_with(self.0) => Ok(()),
///             other => Err(NotifyError::rejected(format!("{other} is not ours"))),
///         }
///     }
/// #     fn profile(&self) -> ChannelProfile {
/// #         ChannelProfile {
/// #             deadline: std::time::Duration::from_secs(5),
/// #             retries: RetrySchedule::new(&[]),
/// #             slots: concurrent(4),
/// #             most_per_address: None,
/// #         }
/// #     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let notification = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseReceivedCustomer,
/// #     address: Address::Email("john@example.com".parse()?),
/// #     snapshot: String::new(),
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// assert_eq!(OnlyTo("@example.com").deliver(&notification).await, Ok(()));
/// let rejected = OnlyTo("@desk.example").deliver(&notification).await;
/// assert_eq!(rejected, Err(NotifyError::rejected("john@example.com is not ours")));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Delivers a notification.
    ///
    /// MUST return only when the remote server has accepted or rejected it, or could not be
    /// reached. MUST tolerate a second call with the same id, because delivery is at least once.
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError>;

    /// Returns the time limit, the retries and the concurrency of the channel, by default those of
    /// [`ChannelProfile::default`].
    ///
    /// MUST return the same profile on every call.
    fn profile(&self) -> ChannelProfile {
        ChannelProfile::default()
    }

    /// Closes connections that are held open for reuse. No delivery follows this call.
    async fn close(&self) {}
}
