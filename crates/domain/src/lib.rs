//! Domain rules of a customer-support system, without I/O.
//!
//! A [`Case`] is opened by a customer, worked on by staff, possibly escalated, and finally resolved
//! or cancelled. Every change is a function of the case, a request, the [`Policies`] and a
//! [`Stamp`] (time, actor and new ids). It returns a [`Decision`]: the new state of the case and
//! the [`Event`] that describes the change. Nothing in this crate reads a clock, generates random
//! numbers, blocks or logs, so every rule can be tested with a plain function call.
//!
//! The rules are data that callers can replace: [`SlaPolicy`], [`PriorityPolicy`],
//! [`EscalationPolicy`], [`LifecyclePolicy`] and [`NotificationMatrix`]. Each has the documented
//! defaults.
//!
//! ```
//! use engage_domain::*;
//!
//! let policies = Policies::default();
//! let monday: Timestamp = "2025-01-27T10:00:00Z".parse()?;
//! let stamp = Stamp {
//!     at: monday,
//!     actor: Actor::Customer,
//!     event_id: EventId::from_u128(1),
//!     update_ids: [UpdateId::from_u128(1), UpdateId::from_u128(2)],
//! };
//! let opened = Case::open(
//!     CaseId::from_u128(1),
//!     "CW-2025-001".parse()?,
//!     OpenRequest {
//!         customer: Customer {
//!             name: "John Doe".parse()?,
//!             email: "john@example.com".parse()?,
//!             organization: None,
//!             phone: None,
//!             customer_type: CustomerType::Business,
//!         },
//!         project: None,
//!         subject: "Unable to access dashboard".parse()?,
//!         message: "It says 403.".parse()?,
//!         issue_type: IssueType::Technical,
//!         urgency: Urgency::High,
//!         attachments: Vec::new(),
//!     },
//!     &policies,
//!     stamp,
//! );
//! assert_eq!(opened.case.status(), Status::Open);
//! assert_eq!(opened.case.facts().priority_score.get(), 85);
//! assert_eq!(opened.case.facts().estimated_resolution.to_string(), "2025-01-29T10:00:00.000Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

mod actor;
mod attachment;
mod case;
mod classification;
mod contact;
mod delivery;
mod escalation;
mod event;
mod id;
mod notify;
mod permissions;
mod priority;
mod priority_score;
mod sla;
mod spelling;
mod staff;
mod stored;
mod text;
mod time;
mod update;
mod visibility;
mod webhook;
mod webhook_header;
mod wire;

pub use actor::Actor;
pub use attachment::{Attachment, AttachmentError, ContentHash, ContentType, FileName};
pub use case::{
    Action, AssignError, AssignRequest, Assignment, Case, CaseFacts, CaseNumber, CaseNumberError,
    CaseNumberPrefix, CorrectRequest, CountedReplies, Customer, Decision, EscalateError,
    EscalateRequest, InvalidTransition, LifecyclePolicy, OpenRequest, Policies, ReplyError,
    ReplyPolicy, ReplyRequest, Stamp, Status, UpdateError, UpdateRequest, Version,
};
pub use classification::{CustomerType, IssueType, Urgency};
pub use contact::{
    ERASED_EMAIL, ERASED_PHONE, EmailAddress, EmailAddressError, PhoneNumber, PhoneNumberError,
};
pub use delivery::{AttemptOutcome, NotificationStatus};
pub use escalation::{Escalation, EscalationLevel, EscalationPolicy};
pub use event::{Change, Event, EventKind, EventSubtype, EventType, Overdue, WantedEvents};
pub use id::{
    AttachmentId, CaseId, EventId, IdError, NotificationId, TokenId, UpdateId, WebhookId,
};
pub use notify::{
    Address, Audience, Channel, Contacts, NotificationMatrix, NotificationRule, PlannedMessage,
    Recipient, Template, WebhookTarget,
};
pub use permissions::Permission;
pub use priority::{PriorityBreakdown, PriorityPolicy, PriorityPolicyError, PriorityWeights};
pub use priority_score::PriorityScore;
pub use sla::{
    BusinessHours, BusinessHoursError, Calendar, ServiceAlert, ServiceTarget, SlaPolicy,
    SlaPolicyError, SlaTimerKind, SlaTimerReading, SlaTimerState, SlaTimers, WorkingHours,
    WorkingHoursError,
};
pub use spelling::nearest_name;
pub use staff::{Department, Role, StaffId, StaffIdError, StaffMember, StaffRef};
pub use stored::FromStored;
pub use text::{ERASED, Line, Prose, TextError};
pub use time::{Timestamp, TimestampError};
pub use update::Update;
pub use visibility::Visibility;
pub use webhook::{EndpointState, WebhookEndpoint, WebhookSecret, WebhookUrl, WebhookUrlError};
pub use webhook_header::{
    HeaderName, HeaderNameError, HeaderValue, HeaderValueError, TooManyHeaders, WebhookHeaders,
};
pub use wire::UnknownValue;

/// Name of a person: one line, 1–200 characters.
pub type PersonName = Line<200>;
/// Name of a company or another organization: one line, 1–200 characters.
pub type Organization = Line<200>;
/// The customer's client or project that a case is about: one line, 1–200 characters.
pub type ProjectName = Line<200>;
/// Subject of a case: one line, 1–200 characters.
pub type Subject = Line<200>;
/// Text written by a customer or a staff member: 1–20,000 characters.
pub type Message = Prose<20_000>;
/// Reason for an escalation or a cancellation: 1–2,000 characters.
pub type Reason = Prose<2_000>;
/// Internal note for staff: 1–5,000 characters.
pub type Notes = Prose<5_000>;
