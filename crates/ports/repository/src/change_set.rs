use std::net::IpAddr;

use engage_domain::{
    Address, Case, Event, NotificationId, PersonId, Template, TraceContext, Version,
};

use crate::{DirectoryVersion, IdempotencyRecord, Revision};

/// A change of a case with everything that is committed with it, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// The case after the change.
    pub case: Case,
    /// The event, including the updates added to the conversation.
    pub event: Event,
    /// Snapshot of the case and the event as JSON, sent by webhooks and used to render
    /// notifications.
    pub snapshot: String,
    /// Notifications to deliver.
    pub messages: Vec<OutboxMessage>,
    /// Response to the request, if it was made with an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
    /// Version of the directory on which the recipients and the permission of the actor are based.
    /// `None` if neither depends on it.
    pub directory: Option<DirectoryVersion>,
    /// Origin of the request.
    pub origin: EventOrigin,
    /// Changes to what was stored of the case before, if there are any.
    pub revision: Option<Revision>,
}

/// Origin of a change. Automatic changes have no more than a trace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventOrigin {
    /// Id of the credential if a staff member made the request.
    pub credential: Option<String>,
    /// IP address of the client. It is erased with the case.
    pub address: Option<IpAddr>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// The span that made the change. Its state, which comes from the caller, is erased with the
    /// case.
    pub trace: Option<TraceContext>,
}

impl ChangeSet {
    /// Returns the version at which the case was read, or `None` for a new case.
    pub fn base_version(&self) -> Option<Version> {
        Version::new(self.case.version().get() - 1)
    }
}

/// A notification to be added to the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Id of the notification, the same on every attempt.
    pub id: NotificationId,
    /// Template to render.
    pub template: Template,
    /// Address of the recipient.
    pub address: Address,
    /// The participant whom it is for. `None` for the customer, staff and endpoints.
    pub person: Option<PersonId>,
}
