//! Naming the participants of a case.

use thiserror::Error;

use super::draft::Draft;
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp};
use crate::PersonName;
use crate::actor::WrongActor;
use crate::event::EventKind;
use crate::id::PersonId;
use crate::visibility::Visibility;

/// Error returned when a participant does not get a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameParticipantError {
    /// The case is finished.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The case never had the participant.
    #[error("the case has no participant {0}")]
    NotFound(PersonId),
}

impl Case {
    /// Changes the name of a participant, or removes it. Returns `None` if they have that name.
    /// Earlier entries keep the name that their author had.
    ///
    /// Fails if the actor is a participant, if the case is finished, or if there is no such
    /// participant.
    pub fn name_participant(
        &self,
        id: PersonId,
        name: Option<PersonName>,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, NameParticipantError> {
        stamp.actor.reject_participant()?;
        self.status().require_unfinished(Action::ChangeParticipants)?;
        let participants = &self.facts.participants;
        let index = participants.iter().position(|one| one.id == id);
        let index = index.ok_or(NameParticipantError::NotFound(id))?;
        if participants[index].name == name {
            return Ok(None);
        }
        let mut draft = Draft::new(self, policies, stamp);
        draft.after.participants[index].name = name;
        Ok(Some(draft.finish(EventKind::Updated, Visibility::Internal)))
    }
}
