//! Events, the record of changes to a case.

mod change;
#[cfg(feature = "serde")]
mod json;

use std::fmt;
use std::str::FromStr;

use crate::actor::Actor;
use crate::case::{Participant, Status, Version};
use crate::escalation::Escalation;
use crate::id::{CaseId, EventId, PersonId};
pub use crate::redaction::{Quote, RedactableField, RedactedPart, Redaction, RedactionMark};
use crate::sla::{ServiceAlert, SlaTimerKind};
use crate::staff::StaffId;
use crate::time::Timestamp;
use crate::update::Update;
use crate::visibility::Visibility;
use crate::wire::{UnknownValue, wire_enum};
pub use change::Change;

wire_enum! {
    /// Type of an event, as named by webhooks and in the history.
    pub enum EventType {
        /// The case was opened.
        Created = "case.created",
        /// An update was added or a property changed.
        Updated = "case.updated",
        /// The case was escalated.
        Escalated = "case.escalated",
        /// The assignee or the department changed.
        Assigned = "case.assigned",
        /// The case was cancelled.
        Cancelled = "case.cancelled",
        /// A service target is at risk or was missed.
        Overdue = "case.overdue",
        /// The personal data of the case was erased.
        Erased = "case.erased",
    }
}

impl EventType {
    /// Checks whether programs of the release before do not know the type.
    pub const fn is_recent(self) -> bool {
        matches!(self, Self::Erased)
    }

    /// Returns the type as which programs of the release before read an event with these changes.
    #[must_use]
    pub fn known_before(self, changes: &[Change]) -> Self {
        match self {
            Self::Erased if changes.iter().any(Change::is_cancellation) => Self::Cancelled,
            Self::Erased => Self::Updated,
            known => known,
        }
    }
}

wire_enum! {
    /// Subtype of an event, for finer webhook subscriptions. An event may have several.
    pub enum EventSubtype {
        /// The customer or a participant replied.
        Replied = "case.replied",
        /// Staff wrote to the customer.
        Answered = "case.answered",
        /// Staff wrote an internal note.
        Noted = "case.noted",
        /// The case was resolved.
        Resolved = "case.resolved",
        /// A resolved case was reopened.
        Reopened = "case.reopened",
        /// The case was closed.
        Closed = "case.closed",
    }
}

/// Events that a webhook endpoint can subscribe to, selected by type or by subtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WantedEvents {
    /// Events of a type.
    Type(EventType),
    /// Events of a subtype, regardless of their type.
    Subtype(EventSubtype),
}

impl WantedEvents {
    /// Number of event types and subtypes.
    pub const COUNT: usize = EventType::ALL.len() + EventSubtype::ALL.len();

    /// Names of all event types, followed by those of the subtypes.
    pub const SPELLINGS: &[&str] = &{
        let mut names = [""; Self::COUNT];
        let mut place = 0;
        while place < Self::COUNT {
            names[place] = if place < EventType::SPELLINGS.len() {
                EventType::SPELLINGS[place]
            } else {
                EventSubtype::SPELLINGS[place - EventType::SPELLINGS.len()]
            };
            place += 1;
        }
        names
    };

    /// Splits the list into types and subtypes, each sorted and without duplicates.
    pub fn split(mut wanted: Vec<Self>) -> (Vec<EventType>, Vec<EventSubtype>) {
        wanted.sort_unstable();
        wanted.dedup();
        let (mut types, mut subtypes) = (Vec::new(), Vec::new());
        for one in wanted {
            match one {
                Self::Type(event_type) => types.push(event_type),
                Self::Subtype(subtype) => subtypes.push(subtype),
            }
        }
        (types, subtypes)
    }
}

impl fmt::Display for WantedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(event_type) => event_type.fmt(f),
            Self::Subtype(subtype) => subtype.fmt(f),
        }
    }
}

crate::wire::try_from_text!(WantedEvents);
crate::wire::serde_as_text!(WantedEvents);

impl FromStr for WantedEvents {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        let subtype = || text.parse().map(Self::Subtype);
        let unknown = UnknownValue { allowed: Self::SPELLINGS };
        text.parse().map(Self::Type).or_else(|_| subtype()).map_err(|_| unknown)
    }
}

/// Kind of an event, with the data that only this kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The case was opened.
    Created,
    /// An update was added or a property changed.
    Updated,
    /// The case was escalated.
    Escalated(Escalation),
    /// The assignee or the department changed.
    Assigned,
    /// The case was cancelled.
    Cancelled,
    /// A service target is at risk or was missed.
    Overdue(Overdue),
    /// The personal data of the case was erased. An active case was cancelled with it, and a resolved
    /// one was closed.
    Erased,
}

/// Alert to staff about a service target.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Overdue {
    /// SLA timer of the target.
    pub clock: SlaTimerKind,
    /// Warning or breach.
    pub alert: ServiceAlert,
    /// Due time of the target.
    #[cfg_attr(feature = "serde", serde(rename = "dueAt"))]
    pub due: Timestamp,
    /// Escalation caused by a breach, if the policy raises the level on a breach.
    pub escalation: Option<Escalation>,
}

impl EventKind {
    /// Returns the event type.
    pub fn event_type(&self) -> EventType {
        match self {
            Self::Created => EventType::Created,
            Self::Updated => EventType::Updated,
            Self::Escalated(_) => EventType::Escalated,
            Self::Assigned => EventType::Assigned,
            Self::Cancelled => EventType::Cancelled,
            Self::Overdue(_) => EventType::Overdue,
            Self::Erased => EventType::Erased,
        }
    }

    /// Returns the escalation that the event is or contains.
    pub fn escalation(&self) -> Option<&Escalation> {
        match self {
            Self::Escalated(escalation) => Some(escalation),
            Self::Overdue(overdue) => overdue.escalation.as_ref(),
            Self::Created | Self::Updated | Self::Assigned | Self::Cancelled | Self::Erased => None,
        }
    }

    /// Returns the alert about a service target, if the event is one.
    pub fn overdue(&self) -> Option<&Overdue> {
        if let Self::Overdue(overdue) = self { Some(overdue) } else { None }
    }
}

/// A change to a case: its kind, its actor and everything that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Event {
    /// Identifier of the event.
    pub id: EventId,
    /// Case that changed.
    pub case_id: CaseId,
    /// Position in the history of the case, equal to the version of the case after the event.
    pub sequence: Version,
    /// Time of the event.
    pub timestamp: Timestamp,
    /// Actor that caused the event.
    pub actor: Actor,
    /// Person of the case who caused the event, or `None` for staff and the system. Events from
    /// before persons were recorded have none either: see [`person`](Self::person).
    #[cfg_attr(feature = "serde", serde(default))]
    pub person_id: Option<PersonId>,
    /// Kind of the event.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: EventKind,
    /// Audience of the event. The customer is never notified of internal events.
    pub visibility: Visibility,
    /// All properties that changed.
    #[cfg_attr(feature = "serde", serde(default))]
    pub changes: Vec<Change>,
    /// Entries added to the conversation.
    #[cfg_attr(feature = "serde", serde(default))]
    pub updates: Vec<Update>,
}

impl Event {
    /// Returns the event type.
    pub fn event_type(&self) -> EventType {
        self.kind.event_type()
    }

    /// Returns the person who caused the event. An event of a customer without a recorded person is
    /// by the customer of the case.
    pub fn person(&self) -> Option<PersonId> {
        self.person_id.or_else(|| self.actor.person_id(self.case_id))
    }

    /// Returns the subtypes of the event.
    pub fn subtypes(&self) -> Vec<EventSubtype> {
        let is_reply = self.event_type() == EventType::Updated
            && matches!(self.actor, Actor::Customer | Actor::Participant(_));
        let staff_wrote = |visibility| {
            let written = |update: &Update| {
                update.visibility == visibility && update.author.staff_id().is_some()
            };
            self.updates.iter().any(written)
        };
        let status = self.changes.iter().find_map(|change| match change {
            Change::Status { from, to } => Some((*from, *to)),
            _ => None,
        });
        let is = |subtype: &EventSubtype| match subtype {
            EventSubtype::Replied => is_reply && !self.updates.is_empty(),
            EventSubtype::Answered => staff_wrote(Visibility::Public),
            EventSubtype::Noted => staff_wrote(Visibility::Internal),
            EventSubtype::Resolved => matches!(status, Some((_, Status::Resolved))),
            EventSubtype::Reopened => {
                status.is_some_and(|(from, to)| from == Status::Resolved && to.is_active())
            }
            EventSubtype::Closed => matches!(status, Some((_, Status::Closed))),
        };
        EventSubtype::ALL.iter().copied().filter(is).collect()
    }

    /// Checks whether the system closed a resolved case automatically.
    pub fn is_closing_by_itself(&self) -> bool {
        let closes = |change: &Change| matches!(change, Change::Status { to: Status::Closed, .. });
        self.actor == Actor::System && self.changes.iter().any(closes)
    }

    /// Checks whether staff changed nothing but tags.
    pub fn is_only_of_tags(&self) -> bool {
        let is_of_tags = |change: &Change| matches!(change, Change::Tags { .. });
        self.updates.is_empty() && !self.changes.is_empty() && self.changes.iter().all(is_of_tags)
    }

    /// Returns the previous and the new assignee, if the assignee changed.
    pub fn assignee_change(&self) -> Option<(Option<&StaffId>, Option<&StaffId>)> {
        self.changes.iter().find_map(|change| match change {
            Change::AssignedTo { from, to } => Some((from.as_ref(), to.as_ref())),
            _ => None,
        })
    }

    /// Checks whether a participant may know of the event: a public one from the time on from which
    /// they read.
    pub fn may_be_read_by(&self, participant: &Participant) -> bool {
        self.visibility == Visibility::Public && self.timestamp >= participant.reads_from
    }

    /// Returns the people who take part no longer since the event.
    pub fn ended_participations(&self) -> impl Iterator<Item = PersonId> {
        self.changes.iter().filter_map(|change| match change {
            Change::Participant { from, to } => {
                let was_present = from.as_ref().is_some_and(|from| from.is_present());
                (was_present && !to.is_present()).then_some(to.id)
            }
            _ => None,
        })
    }

    /// Returns the first update that the customer may read, if there is one.
    pub fn public_update(&self) -> Option<&Update> {
        self.updates.iter().find(|update| update.visibility == Visibility::Public)
    }
}
