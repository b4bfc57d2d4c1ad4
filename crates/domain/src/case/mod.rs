//! Cases and the rules by which they change.

mod add_participant;
mod apply_due_action;
mod assign;
mod cancel;
mod correct;
mod correct_request;
mod counted_replies;
mod customer;
mod draft;
mod end_participation;
mod entitle;
mod entitlement;
mod erase;
mod erase_people;
mod escalate;
mod facts;
mod first_response;
mod name_participant;
mod number;
mod open;
mod open_by_staff;
mod participant;
mod people;
mod policies;
mod prove;
mod recheck_alerts;
mod redact;
mod reopening;
mod reply;
mod reply_limits;
mod resolution_pause;
mod status;
mod transitions;
mod unknown_type;
mod update;
mod version;

pub use crate::actor::WrongActor;
pub use crate::escalation::{Escalation, EscalationLevel, EscalationPolicy};
pub use add_participant::{AddParticipantError, AddParticipantRequest};
pub use assign::{AssignError, AssignRequest, Assignee};
pub use cancel::CancelError;
pub use correct::CorrectError;
pub use correct_request::CorrectRequest;
pub use counted_replies::CountedReplies;
pub use customer::Customer;
pub use end_participation::{ComeBackError, EndParticipationError};
pub use entitlement::{AddressProof, Contract, Entitlement};
pub use erase_people::ErasePeopleRequest;
pub use escalate::{EscalateError, EscalateRequest};
pub use facts::{Assignment, CaseFacts};
pub use name_participant::NameParticipantError;
pub use number::{CaseNumber, CaseNumberError, CaseNumberPrefix};
pub use open::OpenRequest;
pub use open_by_staff::{OpenByStaffError, StaffOpenRequest};
pub use participant::{Participant, ParticipantState, ReadsFrom};
pub use policies::Policies;
pub use reopening::LifecyclePolicy;
pub use reply::{ReplyError, ReplyRequest};
pub use reply_limits::ReplyPolicy;
pub use status::Status;
pub use transitions::{Action, InvalidTransition};
pub use unknown_type::UnknownType;
pub use update::{UpdateError, UpdateRequest};
pub use version::Version;

use crate::actor::Actor;
use crate::event::Event;
use crate::id::{EventId, UpdateId};
use crate::source::Source;
use crate::time::Timestamp;

/// A customer-support case.
///
/// [`Case::open`] and [`Case::open_by_staff`] open a case and the methods below change it. Each of
/// them leaves this value unchanged and returns a [`Decision`].
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// let stored = opened.case.into_facts(); // Written to a database, and read again.
/// let case = Case::from_facts(stored);
/// assert_eq!((case.status(), case.version().get()), (Status::Open, 1));
///
/// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z");
/// let cancelled = case.cancel("It works again.".parse()?, &policies, stamp)?;
/// assert_eq!(cancelled.case.status(), Status::Cancelled);
/// assert_eq!((cancelled.case.version().get(), case.version().get()), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Case {
    facts: CaseFacts,
}

/// Result of a change: the new state of the case and the event that describes the change.
///
/// A store commits both or neither.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// let Decision { case, event } = opened;
/// assert_eq!(event.event_type(), EventType::Created);
/// assert_eq!((event.case_id, event.sequence), (case.facts().id, case.version()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decision {
    /// New state of the case.
    pub case: Case,
    /// Event that describes the change.
    pub event: Event,
}

/// Time, actor and source of a change, with the ids that it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Stamp {
    /// Current time. If it is before the last activity of the case, for example on a machine whose
    /// clock is behind, the last activity is used instead.
    pub at: Timestamp,
    /// Actor of the change.
    pub actor: Actor,
    /// Way in which the change came in. What the actor writes has it, generated entries do not.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source: Source,
    /// Id of the event.
    pub event_id: EventId,
    /// Ids for the entries in the conversation. A change writes at most two.
    pub update_ids: [UpdateId; 2],
    /// Proof that the change comes from the customer's address, if there is one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub proof: Option<AddressProof>,
}

impl Stamp {
    /// Creates a stamp with the usual source of the actor, whose ids are drawn from `draw_id`, which
    /// returns other bits each time, such as those of a UUIDv7.
    ///
    /// ```
    /// use engage_domain::{Actor, Stamp};
    ///
    /// let mut last = 0;
    /// let stamp = Stamp::new("2025-01-27T10:00:00Z".parse()?, Actor::Customer, || {
    ///     last += 1; // in a service: uuid::Uuid::now_v7().as_u128()
    ///     last
    /// });
    /// assert_eq!(stamp.event_id.as_u128(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(at: Timestamp, actor: Actor, mut draw_id: impl FnMut() -> u128) -> Self {
        Self {
            at,
            source: Source::of(&actor),
            actor,
            event_id: EventId::from_u128(draw_id()),
            update_ids: [(); 2].map(|()| UpdateId::from_u128(draw_id())),
            proof: None,
        }
    }

    /// Sets the source, for a change that came in another way.
    #[must_use]
    pub fn with_source(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// Adds the proof that the change comes from the customer's address.
    #[must_use]
    pub fn with_proof(self, proof: AddressProof) -> Self {
        Self { proof: Some(proof), ..self }
    }
}

impl Case {
    /// Restores a case from stored facts.
    pub fn from_facts(facts: CaseFacts) -> Self {
        Self { facts }
    }

    /// Returns all facts about the case.
    pub fn facts(&self) -> &CaseFacts {
        &self.facts
    }

    /// Converts the case to its facts, for storage.
    pub fn into_facts(self) -> CaseFacts {
        self.facts
    }

    /// Returns the number by which people refer to the case.
    pub fn number(&self) -> &CaseNumber {
        &self.facts.number
    }

    /// Returns the status.
    pub fn status(&self) -> Status {
        self.facts.status
    }

    /// Returns the version, which counts the changes to the case.
    pub fn version(&self) -> Version {
        self.facts.version
    }
}
