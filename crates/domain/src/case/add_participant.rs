//! Adding participants to a case.

use thiserror::Error;

use super::draft::Draft;
use super::{
    Action, Case, Decision, InvalidTransition, Participant, ParticipantState, Policies, ReadsFrom,
    Stamp,
};
use crate::PersonName;
use crate::actor::{Actor, WrongActor};
use crate::contact::EmailAddress;
use crate::event::EventKind;
use crate::id::PersonId;
use crate::visibility::Visibility;

/// Request to add a participant.
///
/// ```
/// use engage_domain::AddParticipantRequest;
/// use engage_domain::case::ReadsFrom;
///
/// let request = AddParticipantRequest::new("ann@example.com".parse()?)
///     .with_name("Ann Lee".parse()?)
///     .reading_from(ReadsFrom::Start);
/// assert!(!request.is_proposal);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct AddParticipantRequest {
    /// Address of the person.
    pub email: EmailAddress,
    /// Name of the person, if it is known.
    pub name: Option<PersonName>,
    /// Beginning of what the person may read.
    #[cfg_attr(feature = "serde", serde(default))]
    pub reads_from: ReadsFrom,
    /// If set, the address is that of a member of staff.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_of_staff: bool,
    /// If set, the person takes part only once the customer or staff accept them.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_proposal: bool,
}

impl AddParticipantRequest {
    /// Requests that a person takes part and reads what is written from now on.
    pub fn new(email: EmailAddress) -> Self {
        Self {
            email,
            name: None,
            reads_from: ReadsFrom::Now,
            is_of_staff: false,
            is_proposal: false,
        }
    }

    /// Names the person.
    #[must_use]
    pub fn with_name(self, name: PersonName) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Sets the beginning of what the person may read.
    #[must_use]
    pub fn reading_from(self, reads_from: ReadsFrom) -> Self {
        Self { reads_from, ..self }
    }

    /// States that the address is that of a member of staff.
    #[must_use]
    pub fn of_staff(self) -> Self {
        Self { is_of_staff: true, ..self }
    }

    /// Only proposes the person.
    #[must_use]
    pub fn as_proposal(self) -> Self {
        Self { is_proposal: true, ..self }
    }
}

/// Error returned when a participant is not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddParticipantError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The address is that of the customer.
    #[error("must not be the address of the customer, who has the case already")]
    IsCustomer,
    /// The address is that of a member of staff.
    #[error("must not be the address of a member of staff")]
    IsStaff,
    /// The address belongs to a program. A sign-in code that another site sends to it would be shown
    /// to whoever added it.
    #[error("must be the address of a person, not of a program that sends automatic mail")]
    IsAutomatic,
    /// The person left the case and has not come back.
    #[error("left this case; only they or staff can bring them back")]
    HasLeft,
    /// The person was removed, and a proposal does not bring them back.
    #[error("was removed from this case")]
    WasRemoved,
    /// The case has as many participants as it may have.
    #[error("the case has {most} participants, which is the maximum")]
    TooMany {
        /// Maximum number of participants.
        most: usize,
    },
}

impl Case {
    /// Adds a participant, accepts a proposed one, or brings one back. Returns `None` if the person
    /// takes part already.
    ///
    /// `id` becomes the id of a person who is new to the case. One who comes back has the id that
    /// they had, and reads what the request says. The customer is not notified.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let case = Case::open(id, number, request, &policies, stamp).case;
    /// let request = AddParticipantRequest::new("ann@example.com".parse()?);
    /// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z");
    /// let added = case.add_participant(PersonId::from_u128(8), request, &policies, stamp)?;
    /// let case = added.ok_or("she took part already")?.case;
    ///
    /// let ann = &case.facts().participants[0];
    /// let stamp = by(Actor::Participant(ann.to_ref()), "2025-01-27T12:30:00Z");
    /// let reply = ReplyRequest::message("It says 403 here, too.".parse()?);
    /// assert!(case.reply(reply, &policies, stamp).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is a participant, if the case is finished, if the address is that of the
    /// customer, of staff or of a program, if the person left and the actor is not staff, if a
    /// removed person is only proposed, or if there are too many participants.
    pub fn add_participant(
        &self,
        id: PersonId,
        request: AddParticipantRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, AddParticipantError> {
        if !self.would_add_participant(&request, &stamp.actor)? {
            return Ok(None);
        }
        let AddParticipantRequest { email, name, reads_from, is_proposal, .. } = request;
        let known = self.facts.participants.iter().position(|known| known.email == email);
        let known_state = known.map(|index| self.facts.participants[index].state);
        let state = if is_proposal { ParticipantState::Proposed } else { ParticipantState::Active };

        let mut draft = Draft::new(self, policies, stamp);
        draft.begin_after_the_last();
        let reads_from = match reads_from {
            ReadsFrom::Now => draft.now,
            ReadsFrom::Start => self.facts.created_at,
        };
        let added_by = draft.actor.clone();
        let participants = &mut draft.after.participants;
        match known {
            None => {
                let proven = false;
                participants.push(Participant {
                    id,
                    name,
                    email,
                    state,
                    added_by,
                    reads_from,
                    proven,
                });
            }
            Some(index) => {
                let participant = &mut participants[index];
                participant.state = state;
                participant.name = name.or_else(|| participant.name.take());
                // An address that bounced belongs to somebody who has taken part all the time.
                if known_state != Some(ParticipantState::Bounced) {
                    participant.added_by = added_by;
                    participant.reads_from = reads_from;
                }
            }
        }
        Ok(Some(draft.finish(EventKind::Updated, Visibility::Internal)))
    }

    /// Checks whether [`add_participant`](Self::add_participant) would change anything, and fails as
    /// it does.
    pub fn would_add_participant(
        &self,
        request: &AddParticipantRequest,
        actor: &Actor,
    ) -> Result<bool, AddParticipantError> {
        actor.reject_participant()?;
        self.status().require_unfinished(Action::ChangeParticipants)?;
        self.require_person(request)?;
        let is_proposal = request.is_proposal;
        let mut participants = self.facts.participants.iter();
        let known = participants.find(|known| known.email == request.email);
        match known.map(|known| known.state) {
            Some(ParticipantState::Active) => return Ok(false),
            Some(ParticipantState::Proposed | ParticipantState::Bounced) => {
                return Ok(!is_proposal);
            }
            Some(ParticipantState::Left) if is_proposal || actor.require_staff().is_err() => {
                return Err(AddParticipantError::HasLeft);
            }
            Some(ParticipantState::Removed) if is_proposal => {
                return Err(AddParticipantError::WasRemoved);
            }
            Some(ParticipantState::Left | ParticipantState::Removed) | None => {
                self.require_room(known.is_none())?;
            }
        }
        Ok(true)
    }

    /// Rejects addresses that are not those of further people.
    fn require_person(&self, request: &AddParticipantRequest) -> Result<(), AddParticipantError> {
        if self.facts.customer.email.as_ref() == Some(&request.email) {
            Err(AddParticipantError::IsCustomer)
        } else if request.is_of_staff {
            Err(AddParticipantError::IsStaff)
        } else if request.email.is_automatic() {
            Err(AddParticipantError::IsAutomatic)
        } else {
            Ok(())
        }
    }

    fn require_room(&self, is_new: bool) -> Result<(), AddParticipantError> {
        let participants = &self.facts.participants;
        let present = participants.iter().filter(|one| one.is_present()).count();
        if present >= Participant::MOST {
            return Err(AddParticipantError::TooMany { most: Participant::MOST });
        }
        if is_new && participants.len() >= Participant::MOST_EVER {
            return Err(AddParticipantError::TooMany { most: Participant::MOST_EVER });
        }
        Ok(())
    }
}
