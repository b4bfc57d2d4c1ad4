//! The first response to a case.

use super::facts::CaseFacts;
use super::status::Status;
use crate::actor::Actor;
use crate::time::Timestamp;
use crate::visibility::Visibility;

impl CaseFacts {
    /// Records the first response: the first public update by a member of staff, or by a machine on
    /// behalf of one. Generated updates and those of machines for themselves never count.
    pub(super) fn note_first_response(
        &mut self,
        author: &Actor,
        visibility: Visibility,
        now: Timestamp,
    ) {
        if visibility == Visibility::Public && author.speaks_for_staff() {
            self.first_response.get_or_insert(now);
        }
    }

    /// Ends the wait for a first response if the case is no longer active. A case that was resolved
    /// before has ended it then.
    pub(super) fn end_first_response(&mut self, before: &Self, now: Timestamp) {
        if self.status.is_active() || self.first_response.is_some() {
            return;
        }
        let was_resolved = before.status == Status::Resolved;
        let ended_at = if was_resolved { before.status_since } else { now };
        self.first_response_ended_at.get_or_insert(ended_at);
    }

    /// Checks whether the customer is still waiting for a first response.
    pub(crate) fn awaits_first_response(&self) -> bool {
        self.first_response.is_none() && self.first_response_ended_at.is_none()
    }
}
