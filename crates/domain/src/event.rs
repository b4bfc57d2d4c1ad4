//! What happened to a case.

use std::str::FromStr;

use crate::actor::Actor;
use crate::case::{CaseFacts, Status, Version};
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::escalation::{Escalation, EscalationLevel};
use crate::id::{CaseId, EventId};
use crate::priority_score::PriorityScore;
use crate::sla::{ServiceAlert, SlaTimerKind};
use crate::staff::{Department, StaffId};
use crate::time::Timestamp;
use crate::update::{Update, Visibility};
use crate::wire::{UnknownValue, wire_enum};

wire_enum! {
    /// The type of an event, as webhooks and the history name it.
    pub enum EventType {
        /// A customer opened the case.
        Created = "case.created",
        /// Something was written, or a property changed.
        Updated = "case.updated",
        /// The case was escalated.
        Escalated = "case.escalated",
        /// The case got another assignee or department, or lost them.
        Assigned = "case.assigned",
        /// The case was cancelled.
        Cancelled = "case.cancelled",
        /// A service target is in danger or missed.
        Overdue = "case.overdue",
    }
}

wire_enum! {
    /// A finer kind of event than its type, by which endpoints choose; an event may be several.
    pub enum EventSubtype {
        /// The customer wrote.
        Replied = "case.replied",
        /// Staff wrote to the customer.
        Answered = "case.answered",
        /// Staff wrote something for staff only.
        Noted = "case.noted",
        /// The case was resolved.
        Resolved = "case.resolved",
        /// A resolved case was taken up again.
        Reopened = "case.reopened",
        /// The case was closed.
        Closed = "case.closed",
    }
}

/// What an endpoint can want: the events of a type, or of a finer kind whatever their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WantedEvents {
    /// Those of a type.
    Type(EventType),
    /// Those of a finer kind.
    Subtype(EventSubtype),
}

impl WantedEvents {
    /// How many there are.
    pub const COUNT: usize = EventType::ALL.len() + EventSubtype::ALL.len();

    /// All of their names: the types, then the finer kinds.
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

    /// Tells types and finer kinds apart, each in order and none twice.
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

impl FromStr for WantedEvents {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        let subtype = || text.parse().map(Self::Subtype);
        let unknown = UnknownValue { allowed: Self::SPELLINGS };
        text.parse().map(Self::Type).or_else(|_| subtype()).map_err(|_| unknown)
    }
}

/// What happened, with what belongs to that kind of event alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A customer opened the case.
    Created,
    /// Something was written, or a property changed.
    Updated,
    /// The case was escalated.
    Escalated(Escalation),
    /// The case got another assignee or department, or lost them.
    Assigned,
    /// The case was cancelled.
    Cancelled,
    /// A service target is in danger or missed.
    Overdue(Overdue),
}

/// What staff are told of a service target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Whose target.
    pub clock: SlaTimerKind,
    /// Whether it is in danger or missed.
    pub alert: ServiceAlert,
    /// When what was promised is due, or was.
    pub due: Timestamp,
    /// The escalation that follows, where a missed target raises the escalation level.
    pub escalation: Option<Escalation>,
}

impl EventKind {
    /// The event's type.
    pub fn event_type(&self) -> EventType {
        match self {
            Self::Created => EventType::Created,
            Self::Updated => EventType::Updated,
            Self::Escalated(_) => EventType::Escalated,
            Self::Assigned => EventType::Assigned,
            Self::Cancelled => EventType::Cancelled,
            Self::Overdue(_) => EventType::Overdue,
        }
    }

    /// The escalation, where it is or brings one.
    pub fn escalation(&self) -> Option<&Escalation> {
        match self {
            Self::Escalated(escalation) => Some(escalation),
            Self::Overdue(overdue) => overdue.escalation.as_ref(),
            Self::Created | Self::Updated | Self::Assigned | Self::Cancelled => None,
        }
    }
}

/// One property of a case that became another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "field", rename_all = "camelCase"))]
#[allow(missing_docs)] // `from` and `to` say the same of every property.
pub enum Change {
    /// Where the case stands.
    Status { from: Status, to: Status },
    /// How much it hurts.
    Urgency { from: Urgency, to: Urgency },
    /// What kind of contract the customer has.
    CustomerType { from: CustomerType, to: CustomerType },
    /// What kind of help is wanted.
    IssueType { from: IssueType, to: IssueType },
    /// How often it has been escalated.
    EscalationLevel { from: EscalationLevel, to: EscalationLevel },
    /// How much it matters.
    PriorityScore { from: PriorityScore, to: PriorityScore },
    /// Who works on it.
    AssignedTo { from: Option<StaffId>, to: Option<StaffId> },
    /// Which department works on it.
    Department { from: Option<Department>, to: Option<Department> },
    /// When staff first answered.
    FirstResponse { from: Option<Timestamp>, to: Option<Timestamp> },
    /// When the first answer is due.
    FirstResponseDue { from: Timestamp, to: Timestamp },
    /// When it should be resolved.
    EstimatedResolution { from: Timestamp, to: Timestamp },
    /// What staff were told of the first response's target.
    FirstResponseAlert { from: Option<ServiceAlert>, to: Option<ServiceAlert> },
    /// What staff were told of the resolution's target.
    ResolutionAlert { from: Option<ServiceAlert>, to: Option<ServiceAlert> },
}

impl Change {
    /// Every property that differs between two states of a case.
    pub(crate) fn between(before: &CaseFacts, after: &CaseFacts) -> Vec<Self> {
        let mut changes = Vec::new();
        macro_rules! compare {
            ($change:ident, $property:expr) => {{
                let property = $property;
                let (from, to) = (property(before), property(after));
                if from != to {
                    changes.push(Self::$change { from, to });
                }
            }};
        }
        compare!(Status, |case: &CaseFacts| case.status);
        compare!(Urgency, |case: &CaseFacts| case.urgency);
        compare!(CustomerType, |case: &CaseFacts| case.customer.customer_type);
        compare!(IssueType, |case: &CaseFacts| case.issue_type);
        compare!(EscalationLevel, |case: &CaseFacts| case.escalation_level);
        compare!(PriorityScore, |case: &CaseFacts| case.priority_score);
        compare!(AssignedTo, |case: &CaseFacts| case.assignee().cloned());
        compare!(Department, |case: &CaseFacts| case.department.clone());
        compare!(FirstResponse, |case: &CaseFacts| case.first_response);
        compare!(FirstResponseDue, |case: &CaseFacts| case.first_response_due);
        compare!(EstimatedResolution, |case: &CaseFacts| case.estimated_resolution);
        compare!(FirstResponseAlert, |case: &CaseFacts| case.first_response_alert);
        compare!(ResolutionAlert, |case: &CaseFacts| case.resolution_alert);
        changes
    }
}

/// One change of one case: what happened, who did it, and everything it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identifies the event.
    pub id: EventId,
    /// The case it happened to.
    pub case_id: CaseId,
    /// Its place in the case's history, which is the version the case has since.
    pub sequence: Version,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub kind: EventKind,
    /// Whether the customer is to hear of it.
    pub visibility: Visibility,
    /// Every property that became another.
    pub changes: Vec<Change>,
    /// What was written to the case's conversation.
    pub updates: Vec<Update>,
}

impl Event {
    /// The event's type.
    pub fn event_type(&self) -> EventType {
        self.kind.event_type()
    }

    /// The finer kinds of event that it is.
    pub fn subtypes(&self) -> Vec<EventSubtype> {
        let by_customer = self.event_type() == EventType::Updated && self.actor == Actor::Customer;
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
            EventSubtype::Replied => by_customer && !self.updates.is_empty(),
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

    /// Whether the desk closed the case by itself, long after it was resolved.
    pub fn is_closing_by_itself(&self) -> bool {
        let closes = |change: &Change| matches!(change, Change::Status { to: Status::Closed, .. });
        self.actor == Actor::System && self.changes.iter().any(closes)
    }

    /// The assignee before and after, where that changed.
    pub fn assignee_change(&self) -> Option<(Option<&StaffId>, Option<&StaffId>)> {
        self.changes.iter().find_map(|change| match change {
            Change::AssignedTo { from, to } => Some((from.as_ref(), to.as_ref())),
            _ => None,
        })
    }

    /// What was written for the customer to read, if anything.
    pub fn public_update(&self) -> Option<&Update> {
        self.updates.iter().find(|update| update.visibility == Visibility::Public)
    }
}
