use std::net::IpAddr;

use engage_domain::{Address, Case, Event, NotificationId, Template, Version};

use crate::{DirectoryVersion, IdempotencyRecord};

/// One change of one case, complete: everything that has to be kept for it, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// The case as it will be.
    pub case: Case,
    /// What happened, with what was written to the conversation.
    pub event: Event,
    /// The case and the event as text: what webhooks send and messages are rendered from.
    pub snapshot: String,
    /// The messages that have to be delivered.
    pub messages: Vec<OutboxMessage>,
    /// What is answered to the request that made the change, where it is to take effect once.
    pub idempotency: Option<IdempotencyRecord>,
    /// The version of the directory by which the messages were planned and the actor was admitted;
    /// none where neither depends on it.
    pub directory: Option<DirectoryVersion>,
    /// By what and from where the change was asked for.
    pub origin: EventOrigin,
}

/// By what and from where a change was asked for; nothing of it for what the program does by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventOrigin {
    /// Names the credential of a member of staff.
    pub credential: Option<String>,
    /// The client's address, which erasing the case erases.
    pub address: Option<IpAddr>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl ChangeSet {
    /// The version at which the case was read; none where it was just opened.
    pub fn base_version(&self) -> Option<Version> {
        Version::new(self.case.version().get() - 1)
    }
}

/// A message to be delivered, as it is first written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Identifies the message over all its attempts.
    pub id: NotificationId,
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
}
