//! Cancelling a case.

use thiserror::Error;

use super::draft::Draft;
use super::{Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Reason;
use crate::actor::WrongActor;
use crate::event::EventKind;
use crate::visibility::Visibility;

/// Error returned when a case cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CancelError {
    /// The case is not active.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
}

impl Case {
    /// Cancels an active case at the customer's request. The reason becomes a public update.
    ///
    /// Fails if the actor is a participant or the case is not active.
    pub fn cancel(
        &self,
        reason: Reason,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, CancelError> {
        stamp.actor.reject_participant()?;
        self.status().require_active(super::Action::Become(Status::Cancelled))?;
        let mut draft = Draft::new(self, policies, stamp);
        draft.enter(Status::Cancelled);
        draft.write(Visibility::Public, reason.into(), Vec::new());
        Ok(draft.finish(EventKind::Cancelled, Visibility::Public))
    }
}
