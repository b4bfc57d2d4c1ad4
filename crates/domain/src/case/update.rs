//! What staff write to a case, and the status they give it.

use thiserror::Error;

use super::draft::{Draft, announcement, sent_files};
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::update::Visibility;

/// What a staff member adds to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateRequest {
    /// What they write; may be left out beside a change of status or files.
    pub message: Option<Message>,
    /// Who is to read it.
    pub visibility: Visibility,
    /// The status the case is to have.
    pub status_change: Option<Status>,
    /// Files that belong to the message.
    pub attachments: Vec<Attachment>,
}

/// Why an update was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpdateError {
    /// The lifecycle forbids it.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// It says nothing, brings nothing and changes nothing.
    #[error("must be given, unless there is a statusChange or a file")]
    Empty,
}

impl Case {
    /// Adds a message, changes the status, or both; nothing at all where the status asked for is
    /// the present one and nothing is written.
    ///
    /// The first public message of a staff member is the case's first response; one that the desk
    /// words itself, for want of another, is not. A case that is sent back to `OPEN` loses its
    /// assignee. A finished case takes internal notes only.
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
