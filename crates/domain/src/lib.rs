//! Domain rules of a customer-support system, without I/O.
//!
//! A [`Case`] is opened by or for a customer, worked on by staff, possibly escalated, and finally resolved
//! or cancelled. Every change is a function of the case, a request, the [`Policies`] and a
//! [`Stamp`] (time, actor and new ids). It returns a [`Decision`]: the new state of the case and
//! the [`Event`] that describes the change. Nothing in this crate reads a clock, generates random
//! numbers, blocks or logs, so every rule can be tested with a plain function call.
//!
//! The names that most callers need are at the root of the crate. The others are in the module of
//! their subject, such as [`sla`] or [`webhook`].
//!
//! # Embedding
//!
//! A service reads the facts of a case, decides, and stores the new facts and the event together:
//!
//! ```
//! use engage_domain::*;
//!
//! let mut ids = 1..; // in a service: || Uuid::now_v7().as_u128()
//! let mut draw_id = || ids.next().unwrap_or_default();
//! let policies = Policies::default();
//! let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?)
//!     .with_type(CustomerType::Business);
//! let (subject, message) = ("Unable to access dashboard".parse()?, "It says 403.".parse()?);
//! let request = OpenRequest::new(customer, subject, message).with_urgency(Urgency::High);
//! let stamp = Stamp::new("2025-01-27T10:00:00Z".parse()?, Actor::Customer, &mut draw_id);
//! let id = CaseId::from_u128(draw_id());
//! let opened = Case::open(id, "CW-2025-001".parse()?, request, &policies, stamp);
//! let mut stored = (opened.case.into_facts(), vec![opened.event]);
//!
//! let case = Case::from_facts(stored.0);
//! let request = EscalateRequest::new("Nobody can work.".parse()?);
//! let stamp = Stamp::new("2025-01-27T12:00:00Z".parse()?, Actor::Customer, &mut draw_id);
//! let escalated = case.escalate(request, &policies, stamp)?;
//! stored = (escalated.case.into_facts(), [stored.1, vec![escalated.event]].concat());
//!
//! assert_eq!((stored.0.urgency, stored.1.len()), (Urgency::Critical, 2));
//! assert_eq!(stored.0.estimated_resolution.to_string(), "2025-01-27T20:00:00.000Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rules are data that callers can replace: [`SlaPolicy`], [`PriorityPolicy`],
//! [`EscalationPolicy`], [`LifecyclePolicy`], [`ReplyPolicy`] and [`NotificationMatrix`]. Each has
//! the documented defaults. [`Policies::next_action_at`] says when to look at a case again, and
//! [`NotificationMatrix::plan`] who is notified of an event.
//!
//! [`PriorityPolicy`]: priority::PriorityPolicy
//! [`EscalationPolicy`]: case::EscalationPolicy
//! [`LifecyclePolicy`]: case::LifecyclePolicy
//! [`ReplyPolicy`]: case::ReplyPolicy
//!
//! **Actors.** The rules reject changes that an [`Actor`] may not make: customers neither update,
//! assign nor correct cases, nor open them for others. Only they and the [participants](Participant)
//! of a case reply, and participants do nothing else but leave it. Who may act as the customer of a
//! case, as a participant, as a member of staff, or as a machine on a member's behalf, is for the
//! caller to verify before it creates the stamp.
//!
//! **Ids** are 128 bits that the caller draws, normally those of a UUIDv7, so that they sort by
//! time. With the feature `uuid`, each id converts from and to `uuid::Uuid`.
//!
//! **Times** are instants in UTC with millisecond precision. A [`Timestamp`] is made from a
//! `SystemTime`, a `jiff::Timestamp` or a text.
//!
//! **JSON.** With the feature `serde`, every value is serialized in the spelling of the HTTP API:
//! names in camel case, durations in seconds (`pausedSeconds`), times in RFC 3339. What was written
//! once stays readable: later versions only add fields, with a default. Secrets and errors are not
//! serialized.
//!
//! # Time zones
//!
//! [`BusinessHours`] take a time zone, weekdays and dates of [`jiff`], which this crate re-exports:
//! use `engage_domain::jiff` and your types have the right version. Without a time zone database,
//! `TimeZone::get` knows only UTC. The feature `tzdb` compiles one into the program; a program that
//! would rather read that of the operating system depends on `jiff` with the feature
//! `tzdb-zoneinfo`.
//!
#![cfg_attr(feature = "tzdb", doc = "```")]
#![cfg_attr(not(feature = "tzdb"), doc = "```ignore")]
//! use engage_domain::jiff::civil::{Weekday, date};
//! use engage_domain::jiff::tz::TimeZone;
//! use engage_domain::sla::BusinessHours;
//! use engage_domain::{CustomerType, Policies, SlaPolicy, Timestamp};
//!
//! use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
//! let berlin = TimeZone::get("Europe/Berlin")?;
//! let office = "09:00-17:00".parse()?;
//! let week = [Monday, Tuesday, Wednesday, Thursday, Friday].map(|day| (day, office));
//! let hours = BusinessHours::new(berlin, week, [date(2025, 5, 1)])?;
//! let sla = SlaPolicy::default().with_calendar(CustomerType::Business, hours.into());
//! let policies = Policies { sla, ..Policies::default() };
//!
//! // Four hours of work from Friday afternoon end on Monday.
//! let friday: Timestamp = "2025-07-04T14:00:00Z".parse()?;
//! let due = policies.sla.calendar(CustomerType::Business).add(friday, HOUR * 4);
//! assert_eq!(due, "2025-07-07T10:00:00Z".parse()?);
//! # const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`BusinessHours`]: sla::BusinessHours
#![warn(missing_docs)]

pub use jiff;

pub mod attachment;
pub mod case;
pub mod contact;
pub mod event;
pub mod id;
pub mod notify;
pub mod organization;
pub mod priority;
pub mod sla;
pub mod staff;
pub mod tag;
pub mod text;
pub mod time;
pub mod trace;
pub mod webhook;

mod actor;
mod classification;
mod delivery;
mod erasure;
mod escalation;
mod first_message;
mod permission_scopes;
mod permissions;
mod priority_score;
mod redaction;
#[cfg(feature = "serde")]
mod seconds;
mod source;
mod spelling;
mod stored;
mod update;
mod visibility;
mod webhook_header;
mod wire;

pub use actor::{Actor, ParticipantRef};
pub use attachment::Attachment;
pub use case::{
    AddParticipantRequest, AssignRequest, Assignee, Case, CaseFacts, CaseNumber, CorrectRequest,
    Customer, Decision, EscalateRequest, OpenRequest, Participant, ParticipantState, Policies,
    ReplyRequest, StaffOpenRequest, Stamp, Status, UpdateRequest, Version,
};
pub use classification::{CustomerType, IssueType, Urgency};
pub use contact::{Contact, EmailAddress, PhoneNumber};
pub use erasure::{ErasureCounts, ErasureState};
pub use event::{Event, EventKind, EventType};
pub use first_message::FirstMessageBy;
pub use id::{
    AttachmentId, CaseId, ContactId, ErasureId, EventId, NotificationId, OrganizationId, PersonId,
    TagId, TokenId, UpdateId, WebhookId,
};
pub use notify::{Address, Audience, Channel, Contacts, NotificationMatrix, Template};
pub use organization::CustomerOrganization;
pub use permissions::Permission;
pub use sla::SlaPolicy;
pub use source::Source;
pub use staff::{Role, ServiceRef, StaffId, StaffMember, StaffRef};
pub use text::{
    Department, Message, Notes, Organization, PersonName, ProjectName, Reason, Subject,
};
pub use time::Timestamp;
pub use trace::TraceContext;
pub use update::Update;
pub use visibility::Visibility;
