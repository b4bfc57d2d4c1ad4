//! The people of a case: who of them writes, and who is notified.

use super::facts::CaseFacts;
use super::participant::{Participant, ParticipantState};
use crate::actor::{Actor, WrongActor};
use crate::id::PersonId;

impl CaseFacts {
    /// Returns the participant with an id, whatever their state.
    pub fn participant(&self, id: PersonId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.id == id)
    }

    /// Returns the participants who are notified of public changes.
    ///
    /// There are none before staff have answered: an address that anybody may have typed gets no
    /// mail from a case in which nobody of the support organization has taken part.
    pub fn notified_participants(&self) -> impl Iterator<Item = &Participant> {
        let is_answered = self.first_response.is_some();
        let is_notified = move |participant: &&Participant| {
            is_answered && participant.state == ParticipantState::Active
        };
        self.participants.iter().filter(is_notified)
    }

    /// Records that a participant has acted: their token and their codes are sent to their address only.
    pub(super) fn prove_participant(&mut self, actor: &Actor) {
        let Actor::Participant(by) = actor else { return };
        if let Some(participant) = self.participants.iter_mut().find(|one| one.id == by.id) {
            participant.proven = true;
        }
    }

    /// Rejects everyone but the customer and the participants who may act.
    pub(super) fn require_writer(&self, actor: &Actor) -> Result<(), WrongActor> {
        match actor {
            Actor::Customer => Ok(()),
            Actor::Participant(by) if self.participant(by.id).is_some_and(Participant::may_act) => {
                Ok(())
            }
            Actor::Participant(_) => Err(WrongActor::NotParticipating),
            Actor::Staff(_) | Actor::Service(_) | Actor::System => Err(WrongActor::NotCustomer),
        }
    }
}
