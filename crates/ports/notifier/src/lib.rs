//! What the application asks of a channel, and what messages are made from.
//!
//! A [`Notifier`] delivers the messages of one channel; a [`MessageRenderer`] words them. Both work
//! from a [`Snapshot`]: the case and the event as they were when the message was written down. With
//! the feature `mock`, each trait has a mock made by mockall.
#![warn(missing_docs)]

mod error;
mod notifier;
mod renderer;
mod snapshot;
mod webhook;

pub use error::{NotifyError, Presumption, Refusal};
pub use notifier::{Notification, Notifier};
pub use renderer::{CustomerAccess, EmailContent, EmailKind, MessageRenderer, RenderError};
pub use snapshot::{
    ActorSnapshot, AssignmentSnapshot, AttachmentSnapshot, CaseDetailsSnapshot, CaseSnapshot,
    CustomerSnapshot, DisabledEndpoint, EscalationSnapshot, EventSnapshot, Snapshot, SnapshotData,
    TimelineSnapshot, UpdateSnapshot,
};
pub use webhook::{WebhookDestination, WebhookDirectory, WebhookGuard};

#[cfg(feature = "mock")]
pub use {
    notifier::MockNotifier, renderer::MockMessageRenderer, webhook::MockWebhookDirectory,
    webhook::MockWebhookGuard,
};
