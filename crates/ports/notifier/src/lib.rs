#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod error;
mod notifier;
mod profile;
mod renderer;
mod sms_reports;
mod snapshot;
mod webhook;

/// The attribute that an implementation of a port needs.
pub use async_trait::async_trait;
pub use error::{NotifyError, Presumption, Refusal};
pub use notifier::{Notification, Notifier};
pub use profile::{ChannelProfile, RetrySchedule, concurrent};
pub use renderer::{
    CustomerAccess, EmailContent, EmailKind, MessageRenderer, ParticipantReader, RenderError,
};
pub use sms_reports::{SmsOutcome, SmsReport, SmsReportError, SmsReports};
pub use snapshot::{
    ActorSnapshot, AssignmentSnapshot, AttachmentSnapshot, CaseDetailsSnapshot, CaseSnapshot,
    CustomerSnapshot, DisabledEndpoint, ErasedPeople, EscalationSnapshot, EventSnapshot,
    MachineSnapshot, Snapshot, SnapshotData, TimelineSnapshot, UpdateSnapshot,
};
pub use webhook::{WebhookDestination, WebhookDirectory, WebhookGuard};

#[cfg(feature = "mock")]
pub use {
    notifier::MockNotifier, renderer::MockMessageRenderer, sms_reports::MockSmsReports,
    webhook::MockWebhookDirectory, webhook::MockWebhookGuard,
};

/// The library of the mocks, in the version that they are made with.
#[cfg(feature = "mock")]
pub use mockall;
