//! Cancelling a case.

use super::draft::Draft;
use super::{Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Reason;
use crate::event::EventKind;
use crate::visibility::Visibility;

impl Case {
    /// Cancels an active case at the customer's request. The reason becomes a public update.
    pub fn cancel(
        &self,
        reason: Reason,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, InvalidTransition> {
        self.status().require_active(super::Action::Become(Status::Cancelled))?;
        let mut draft = Draft::new(self, policies, stamp);
        draft.enter(Status::Cancelled);
        draft.write(Visibility::Public, reason.into(), Vec::new());
        Ok(draft.finish(EventKind::Cancelled, Visibility::Public))
    }
}
