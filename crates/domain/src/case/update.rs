//! Updates and status changes by staff.

use thiserror::Error;

use super::draft::{Draft, announcement, sent_files};
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::visibility::Visibility;

/// Request of a staff member to add an update to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRequest {
    /// Text of the update. Optional if there is a status change or a file.
    pub message: Option<Message>,
    /// Audience of the update.
    pub visibility: Visibility,
    /// New status, if it is to change.
    pub status_change: Option<Status>,
    /// Attached files.
    pub attachments: Vec<Attachment>,
}

/// Error returned when an update is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpdateError {
    /// The lifecycle forbids the change.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The update has no message, no file and no status change.
    #[error("must be given, unless there is a statusChange or a file")]
    Empty,
}

impl Case {
    /// Adds a message, changes the status, or both. Returns `None` if nothing is written and the
    /// requested status is the current one.
    ///
    /// The first public message by a staff member is the first response. A generated text for a
    /// status change does not count. A case that is sent back to `OPEN` loses its assignee. A
    /// finished case accepts only internal notes.
    ///
    /// Fails if the request is empty or the lifecycle forbids it.
    pub fn update(
        &self,
        request: UpdateRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, UpdateError> {
        let UpdateRequest { message, visibility, status_change, attachments } = request;
        let from = self.status();
        let message = message.or_else(|| sent_files(&attachments));
        if message.is_none() && status_change.is_none() {
            return Err(UpdateError::Empty);
        }
        let to = status_change.unwrap_or(from);
        from.require_successor(to)?;
        if message.is_some() && visibility == Visibility::Public {
            from.require_unfinished(Action::WriteToCustomer)?;
        }
        if message.is_none() && to == from {
            return Ok(None);
        }

        let mut draft = Draft::new(self, policies, stamp);
        let was_assigned = draft.after.assignment.is_some();
        draft.enter(to);
        match message {
            Some(message) => draft.write(visibility, message, attachments),
            None => draft.announce(visibility, status_announcement(to)),
        }
        let kind = if to == Status::Cancelled && from != to {
            EventKind::Cancelled
        } else if was_assigned && draft.after.assignment.is_none() {
            EventKind::Assigned
        } else {
            EventKind::Updated
        };
        Ok(Some(draft.finish(kind, visibility)))
    }
}

fn status_announcement(status: Status) -> Message {
    announcement(&format!("Status changed to {}", status.label()))
}
