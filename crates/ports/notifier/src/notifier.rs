use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{Address, CaseNumber, NotificationId, Template};

use crate::error::NotifyError;
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
