//! Actors that change cases.

use thiserror::Error;

use crate::PersonName;
use crate::id::{CaseId, PersonId};
use crate::staff::{ServiceRef, StaffId, StaffRef};

/// Author of a change to a case.
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
/// use engage_domain::case::{UpdateError, WrongActor};
///
/// let case = opened.case;
/// let note = UpdateRequest::note("The role was missing.".parse()?);
/// let refused = case.update(note.clone(), &policies, by(Actor::Customer, "2025-01-27T11:00:00Z"));
/// assert_eq!(refused, Err(UpdateError::WrongActor(WrongActor::NotStaff)));
///
/// let jane = StaffRef { id: "staff-123".parse()?, name: "Jane Smith".parse()? };
/// let noted = case.update(note, &policies, by(Actor::Staff(jane), "2025-01-27T11:00:00Z"))?;
/// assert!(noted.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum Actor {
    /// The customer of the case, or somebody acting for them.
    Customer,
    /// A participant of the case.
    Participant(ParticipantRef),
    /// A member of staff.
    Staff(StaffRef),
    /// A machine, for itself or on behalf of a member of staff.
    Service(ServiceRef),
    /// The system, which applied a rule automatically.
    System,
}

/// A participant as the author of a change. The name is the one that they had at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ParticipantRef {
    /// Id of the participant.
    pub id: PersonId,
    /// Name of the participant, if it is known.
    pub name: Option<PersonName>,
}

/// Error returned when somebody else than those who may make a change is its actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WrongActor {
    /// Neither the customer nor a participant may make the change.
    #[error("only staff may make this change")]
    NotStaff,
    /// Only the customer may make the change.
    #[error("only the customer may make this change")]
    NotCustomer,
    /// A participant may not make the change.
    #[error("only the customer or staff may make this change")]
    IsParticipant,
    /// The actor is not, or no longer, a participant who may make the change.
    #[error("only somebody who takes part in the case may make this change")]
    NotParticipating,
}

impl Actor {
    /// Rejects the customer and participants. The system may do what staff may do.
    pub(crate) fn require_staff(&self) -> Result<(), WrongActor> {
        match self {
            Self::Staff(_) | Self::Service(_) | Self::System => Ok(()),
            Self::Customer | Self::Participant(_) => Err(WrongActor::NotStaff),
        }
    }

    /// Rejects participants.
    pub(crate) fn reject_participant(&self) -> Result<(), WrongActor> {
        if let Self::Participant(_) = self { Err(WrongActor::IsParticipant) } else { Ok(()) }
    }

    /// Returns the person of the case that the actor is, or `None` for staff and the system.
    pub fn person_id(&self, case: CaseId) -> Option<PersonId> {
        match self {
            Self::Customer => Some(PersonId::of_customer(case)),
            Self::Participant(participant) => Some(participant.id),
            Self::Staff(_) | Self::Service(_) | Self::System => None,
        }
    }

    /// Checks whether the actor is a member of staff, or a machine on behalf of one. Only what they
    /// write is a response of staff.
    pub(crate) fn speaks_for_staff(&self) -> bool {
        match self {
            Self::Staff(_) => true,
            Self::Service(service) => service.on_behalf_of.is_some(),
            Self::Customer | Self::Participant(_) | Self::System => false,
        }
    }

    /// Returns the id of the staff member, or `None` for other actors. For a machine, that is the
    /// member for whom it acts, or its own.
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Service(service) => Some(&service.author().id),
            Self::Customer | Self::Participant(_) | Self::System => None,
        }
    }
}
