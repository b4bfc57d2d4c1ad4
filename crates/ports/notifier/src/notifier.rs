use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{Address, CaseNumber, NotificationId, Template};
use thiserror::Error;

use crate::{CustomerAccess, Snapshot};

/// A message to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Identifies the message; the same on every attempt, so that the other side can recognise a
    /// duplicate.
    pub id: NotificationId,
    /// The case it is about.
    pub case_number: CaseNumber,
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
    /// A [`Snapshot`](crate::Snapshot) as JSON: what a webhook sends as it is, and other messages
    /// are rendered from.
    pub snapshot: String,
    /// What is for the customer alone.
    pub access: CustomerAccess,
    /// Other cases that the message tells of: theirs were held back by a limit.
    pub gathered: Vec<CaseNumber>,
}

impl Notification {
    /// The case and the event, for channels that word their messages.
    pub fn snapshot(&self) -> Result<Snapshot, NotifyError> {
        let snapshot: Snapshot = serde_json::from_str(&self.snapshot).map_err(|cause| {
            NotifyError::rejected(format!("the snapshot cannot be read: {cause}"))
        })?;
        Ok(Snapshot { gathered: self.gathered.clone(), ..snapshot })
    }
}

/// Why a message was not delivered, and so what to do. The reasons are for staff to read: they
/// name no secret and repeat nothing of the message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotifyError {
    /// Something that may pass: try again.
    #[error("{reason}")]
    Transient {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// The same, and the other side is overloaded: it is to get fewer messages at once.
    #[error("{reason}")]
    Overloaded {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// This message will never be accepted: give it up.
    #[error("{reason}")]
    Rejected {
        /// What went wrong.
        reason: String,
    },
    /// The recipient wants no message by this channel any more: give this one up, and send no
    /// other there.
    #[error("{reason}")]
    Unwanted {
        /// What was said.
        reason: String,
    },
    /// No message would be accepted, because of credentials, configuration or a connection that
    /// cannot be made: stop the channel.
    #[error("{reason}")]
    ChannelDown {
        /// What went wrong.
        reason: String,
    },
    /// The other side failed without a word about this message: try again, and never give a message
    /// up for it. Once there would be no other attempt, the channel stops.
    #[error("{reason}")]
    Unreachable {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// A refusal that may be about this recipient or about every message: others that are refused
    /// in the same way show which.
    #[error("{}", .0.reason)]
    Ambiguous(Refusal),
}

/// A refusal that does not say about whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was said, for staff.
    pub reason: String,
    /// The same for refusals that say the same, whoever the recipient is.
    pub kind: String,
    /// Whether a recipient, or a recipient's server, can have caused it.
    pub depends_on_recipient: bool,
    /// What it is taken for while no other message is refused in the same way.
    pub presumption: Presumption,
}

/// About whom a refusal is, as long as nothing else shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presumption {
    /// This recipient: the message is given up.
    Recipient,
    /// Nobody knows: the message is tried again.
    Unknown,
    /// This desk: the channel stops.
    Desk,
}

impl NotifyError {
    /// The refusal of a message for something that will not pass.
    pub fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into() }
    }

    /// A failure that may pass.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient { reason: reason.into(), retry_after: None }
    }
}

/// Delivers the messages of one channel.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Delivers a message.
    ///
    /// MUST return only when the other side has accepted or refused it, or could not be reached.
    /// MUST bear a second call with the same id: messages are delivered at least once.
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError>;

    /// How many messages can be on their way at once; any number where there is none. More than
    /// that would wait while their time runs.
    fn capacity(&self) -> Option<NonZeroU32> {
        None
    }

    /// Closes what is kept open for the next message. None comes after it.
    async fn close(&self) {}
}
