//! Ending the participation in a case, and coming back to it.

use thiserror::Error;

use super::draft::Draft;
use super::{
    Action, Case, Decision, InvalidTransition, Participant, ParticipantState, Policies, Stamp,
};
use crate::actor::{Actor, WrongActor};
use crate::event::EventKind;
use crate::id::PersonId;
use crate::visibility::Visibility;

/// Error returned when a participation does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EndParticipationError {
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The case never had the participant.
    #[error("the case has no participant {0}")]
    NotFound(PersonId),
}

/// Error returned when somebody does not come back to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ComeBackError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
}

impl Case {
    /// Removes a participant at the request of the customer or of staff. Returns `None` if the person
    /// no longer takes part.
    ///
    /// That is possible in every status, because it ends an access. The customer is not notified.
    ///
    /// Fails if the actor is a participant, or if there is no such participant.
    pub fn remove_participant(
        &self,
        id: PersonId,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, EndParticipationError> {
        stamp.actor.reject_participant()?;
        self.end_participation(id, ParticipantState::Removed, policies, stamp)
    }

    /// Ends the participation of the actor at their own request. Returns `None` if they no longer
    /// take part.
    ///
    /// Fails if the actor is not a participant of the case.
    pub fn leave(
        &self,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, EndParticipationError> {
        let Actor::Participant(participant) = &stamp.actor else {
            return Err(WrongActor::NotParticipating.into());
        };
        let id = participant.id;
        self.end_participation(id, ParticipantState::Left, policies, stamp)
    }

    fn end_participation(
        &self,
        id: PersonId,
        state: ParticipantState,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, EndParticipationError> {
        let participant = self.facts.participant(id).ok_or(EndParticipationError::NotFound(id))?;
        if !participant.is_present() {
            return Ok(None);
        }
        Ok(Some(self.with_state(id, state, policies, stamp)))
    }

    /// Brings the actor back, who left the case. They read what is written from now on. Returns
    /// `None` if they take part.
    ///
    /// Fails if the actor is not somebody who left the case, if their address is that of the customer by
    /// now, or if the case is finished.
    pub fn come_back(
        &self,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, ComeBackError> {
        let known = match &stamp.actor {
            Actor::Participant(by) => self.facts.participant(by.id),
            _ => None,
        };
        // Somebody who is the customer now has the whole case.
        let is_customer =
            |one: &&Participant| self.facts.customer.email.as_ref() == Some(&one.email);
        let known = known.filter(|one| !is_customer(one));
        let participant = known.ok_or(WrongActor::NotParticipating)?;
        match participant.state {
            ParticipantState::Active | ParticipantState::Bounced => return Ok(None),
            ParticipantState::Proposed | ParticipantState::Removed => {
                return Err(WrongActor::NotParticipating.into());
            }
            ParticipantState::Left => {}
        }
        self.status().require_unfinished(Action::ChangeParticipants)?;
        Ok(Some(self.with_state(participant.id, ParticipantState::Active, policies, stamp)))
    }

    fn with_state(
        &self,
        id: PersonId,
        state: ParticipantState,
        policies: &Policies,
        stamp: Stamp,
    ) -> Decision {
        let mut draft = Draft::new(self, policies, stamp);
        if state == ParticipantState::Active {
            draft.begin_after_the_last();
        }
        let now = draft.now;
        for participant in draft.after.participants.iter_mut().filter(|one| one.id == id) {
            participant.state = state;
            if state == ParticipantState::Active {
                participant.reads_from = now;
            }
        }
        draft.finish(EventKind::Updated, Visibility::Internal)
    }
}
