//! The case: what is known of it, and the rules by which it changes.

mod assign;
mod cancel;
mod correct;
mod draft;
mod erase;
mod escalate;
mod number;
mod open;
mod pass_time;
mod reply;
mod status;
mod update;

pub use assign::{Assign, AssignError};
pub use correct::Correction;
pub use escalate::{Escalate, EscalateError};
pub use number::{CaseNumber, CaseNumberError, CaseNumberPrefix};
pub use open::NewCase;
pub use reply::{CountedReplies, Reply, ReplyError, ReplyPolicy};
pub use status::{Action, InvalidTransition, Status};
pub use update::{UpdateCase, UpdateError};

use std::fmt;
use std::time::Duration;

use crate::actor::Actor;
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::escalation::{EscalationLevel, EscalationPolicy};
use crate::event::Event;
use crate::id::{CaseId, EventId, UpdateId};
use crate::priority::{PriorityBreakdown, PriorityPolicy, PriorityScore};
use crate::sla::{ServiceAlert, SlaPolicy};
use crate::staff::{Department, StaffId};
use crate::time::Timestamp;
use crate::{Message, Organization, PersonName, ProjectName, Subject};

/// How many changes a case has seen, its opening included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Version(u32);

impl Version {
    /// The version of a case that was just opened.
    pub const FIRST: Self = Self(1);

    /// Takes a number of changes, at least one.
    pub const fn new(changes: u32) -> Option<Self> {
        if changes == 0 { None } else { Some(Self(changes)) }
    }

    /// The number of changes.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let changes = u32::deserialize(deserializer)?;
        Self::new(changes).ok_or_else(|| serde::de::Error::custom("must be at least 1"))
    }
}

/// Who needs help.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Customer {
    /// The person's name.
    pub name: PersonName,
    /// Where answers go.
    pub email: EmailAddress,
    /// For whom they work.
    pub organization: Option<Organization>,
    /// How to call them.
    pub phone: Option<PhoneNumber>,
    /// What kind of contract they have.
    pub customer_type: CustomerType,
}

/// Who works on a case, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Assignment {
    /// The staff member.
    pub assigned_to: StaffId,
    /// When the case became theirs.
    pub assigned_at: Timestamp,
}

/// Everything that is known of a case; what a store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CaseFacts {
    /// Identifies the case inside the system.
    pub id: CaseId,
    /// Names the case to people.
    pub number: CaseNumber,
    /// How many changes it has seen.
    pub version: Version,
    /// Who needs help.
    pub customer: Customer,
    /// The customer's client or project that it is about.
    pub project: Option<ProjectName>,
    /// What it is about, in a line.
    pub subject: Subject,
    /// What it is about.
    pub message: Message,
    /// What kind of help is wanted.
    pub issue_type: IssueType,
    /// How much it hurts.
    pub urgency: Urgency,
    /// Where it stands.
    pub status: Status,
    /// Since when it stands there.
    pub status_since: Timestamp,
    /// How often it has been escalated.
    pub escalation_level: EscalationLevel,
    /// When the customer last escalated it.
    pub customer_escalated_at: Option<Timestamp>,
    /// How often the customer replied lately.
    pub counted_replies: Option<CountedReplies>,
    /// How many bytes of files the customer has sent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub customer_file_bytes: u64,
    /// How much it matters.
    pub priority_score: PriorityScore,
    /// Who works on it.
    pub assignment: Option<Assignment>,
    /// Which department works on it.
    pub department: Option<Department>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed in any way.
    pub last_activity: Timestamp,
    /// When something last changed that the customer sees: what is written for them, the status, the
    /// urgency, the estimate.
    pub last_updated: Timestamp,
    /// When staff first answered.
    pub first_response: Option<Timestamp>,
    /// When the wait for a first answer ended without one, since the case was resolved or finished.
    pub first_response_ended_at: Option<Timestamp>,
    /// When the first answer is due.
    pub first_response_due: Timestamp,
    /// When it should be resolved.
    pub estimated_resolution: Timestamp,
    /// For how much working time the resolution clock has stood still, the present pause not
    /// included.
    pub paused: Duration,
    /// What staff were told of the first response's target.
    pub first_response_alert: Option<ServiceAlert>,
    /// What staff were told of the resolution's target.
    pub resolution_alert: Option<ServiceAlert>,
    /// When [`Case::pass_time`] next has something to do; follows from the other facts and the
    /// [`Policies`] of the last change.
    pub next_target_at: Option<Timestamp>,
}

impl CaseFacts {
    /// The staff member who works on the case.
    pub fn assignee(&self) -> Option<&StaffId> {
        self.assignment.as_ref().map(|assignment| &assignment.assigned_to)
    }

    /// Whether the customer still waits for a first answer.
    pub(crate) fn awaits_first_response(&self) -> bool {
        self.first_response.is_none() && self.first_response_ended_at.is_none()
    }
}

/// A customer-support case.
///
/// It is opened by [`Case::open`] and changed by the methods below, each of which leaves this value
/// as it is and answers with a [`Decision`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    facts: CaseFacts,
}

/// What a change comes to: the case as it will be, and the event that says what happened.
///
/// The two belong together: a store keeps both or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The case as it will be.
    pub case: Case,
    /// What happened.
    pub event: Event,
}

/// Who changes a case, when, and the ids that the change may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The present time. Where it lies before the case's last activity, as on a machine whose
    /// clock is behind, that counts as the present.
    pub at: Timestamp,
    /// Who does it.
    pub actor: Actor,
    /// The id of the event.
    pub event_id: EventId,
    /// The ids of the entries in the conversation, of which a change writes at most two.
    pub update_ids: [UpdateId; 2],
}

/// The rules by which cases change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    /// When responses and resolutions are due.
    pub sla: SlaPolicy,
    /// How much a case matters.
    pub priority: PriorityPolicy,
    /// How freely cases escalate and reopen.
    pub escalation: EscalationPolicy,
    /// How much customers may write to a case.
    pub replies: ReplyPolicy,
}

impl Policies {
    /// The points for each fact that a case's priority score rests on.
    pub fn explain_priority(&self, case: &CaseFacts) -> PriorityBreakdown {
        self.priority.explain_case(case)
    }
}

impl Case {
    /// The case that a store kept.
    pub fn from_facts(facts: CaseFacts) -> Self {
        Self { facts }
    }

    /// Everything that is known of the case.
    pub fn facts(&self) -> &CaseFacts {
        &self.facts
    }

    /// Everything that is known of the case, for a store to keep.
    pub fn into_facts(self) -> CaseFacts {
        self.facts
    }

    /// Names the case to people.
    pub fn number(&self) -> &CaseNumber {
        &self.facts.number
    }

    /// Where the case stands.
    pub fn status(&self) -> Status {
        self.facts.status
    }

    /// How many changes the case has seen.
    pub fn version(&self) -> Version {
        self.facts.version
    }
}
