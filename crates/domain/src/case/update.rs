//! Updates and status changes by staff.

use thiserror::Error;

use super::draft::{Draft, announcement, sent_files};
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::actor::WrongActor;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::tag::{TagChange, TooManyTags};
use crate::visibility::Visibility;

/// Request of a staff member to update a case. It needs a text, a status change, a file or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct UpdateRequest {
    /// Text of the update. Optional if there is a status change or a file.
    pub message: Option<Message>,
    /// Audience of the update.
    #[cfg_attr(feature = "serde", serde(default))]
    pub visibility: Visibility,
    /// New status, if it is to change.
    pub status_change: Option<Status>,
    /// Attached files.
    #[cfg_attr(feature = "serde", serde(default))]
    pub attachments: Vec<Attachment>,
    /// Tags to add and to remove.
    #[cfg_attr(feature = "serde", serde(default))]
    pub tags: TagChange,
}

impl UpdateRequest {
    /// Requests an update with this text for the customer.
    ///
    /// ```
    /// use engage_domain::{Status, UpdateRequest};
    ///
    /// let request = UpdateRequest::message("Please sign in again.".parse()?)
    ///     .with_status(Status::Resolved);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn message(text: Message) -> Self {
        Self { message: Some(text), ..Self::default() }
    }

    /// Requests an internal note with this text.
    pub fn note(text: Message) -> Self {
        Self { visibility: Visibility::Internal, ..Self::message(text) }
    }

    /// Requests a status change without a text. The customer sees it.
    pub fn status(status: Status) -> Self {
        Self::default().with_status(status)
    }

    /// Changes the status as well.
    #[must_use]
    pub fn with_status(self, status: Status) -> Self {
        Self { status_change: Some(status), ..self }
    }

    /// Attaches files.
    #[must_use]
    pub fn with_attachments(self, attachments: Vec<Attachment>) -> Self {
        Self { attachments, ..self }
    }

    /// Adds and removes tags.
    #[must_use]
    pub fn with_tags(self, tags: TagChange) -> Self {
        Self { tags, ..self }
    }
}

/// Error returned when an update is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpdateError {
    /// The lifecycle forbids the change.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The update has no message, no file, no status change and no tags.
    #[error("must be given, unless there is a status change, a file or a tag")]
    Empty,
    /// The case would have too many tags.
    #[error(transparent)]
    TooManyTags(#[from] TooManyTags),
}

impl Case {
    /// Adds a message, changes the status, changes the tags, or several of these. Returns `None` if
    /// nothing is written and everything else stays the same.
    ///
    /// The first public message by a staff member is the first response. A generated text for a
    /// status change does not count. A case that is sent back to `OPEN` loses its assignee. A
    /// finished case accepts only internal notes and tags. A change of nothing but tags is internal.
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
    /// # let case = opened.case;
    /// # let jane = StaffRef { id: "jane".parse()?, name: "Jane Smith".parse()? };
    /// let note = UpdateRequest::note("The role was missing.".parse()?);
    /// let stamp = by(Actor::Staff(jane.clone()), "2025-01-27T11:00:00Z");
    /// let noted = case.update(note, &policies, stamp)?.ok_or("nothing to do")?;
    /// assert_eq!(noted.case.facts().first_response, None);
    ///
    /// let resolution = UpdateRequest::message("Please sign in again.".parse()?)
    ///     .with_status(Status::Resolved);
    /// let stamp = by(Actor::Staff(jane), "2025-01-27T11:30:00Z");
    /// let resolved = noted.case.update(resolution, &policies, stamp)?.ok_or("nothing to do")?;
    /// assert_eq!(resolved.case.status(), Status::Resolved);
    /// assert_eq!(resolved.case.facts().first_response, Some("2025-01-27T11:30:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Fails if the actor is the customer, who [replies](Case::reply) instead, if the request is
    /// empty, if the lifecycle forbids it, or if there would be too many tags.
    pub fn update(
        &self,
        request: UpdateRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Option<Decision>, UpdateError> {
        stamp.actor.require_staff()?;
        let UpdateRequest { message, visibility, status_change, attachments, tags } = request;
        let from = self.status();
        let message = message.or_else(|| sent_files(&attachments));
        if message.is_none() && status_change.is_none() && tags.is_empty() {
            return Err(UpdateError::Empty);
        }
        let to = status_change.unwrap_or(from);
        from.require_successor(to)?;
        if message.is_some() && visibility == Visibility::Public {
            from.require_unfinished(Action::WriteToCustomer)?;
        }
        let tags = self.facts.tags.changed(&tags)?;
        let only_tags = message.is_none() && to == from;
        if only_tags && tags == self.facts.tags {
            return Ok(None);
        }

        let mut draft = Draft::new(self, policies, stamp);
        let was_assigned = draft.after.assignment.is_some();
        draft.enter(to);
        draft.after.tags = tags;
        match message {
            Some(message) => draft.write(visibility, message, attachments),
            None if only_tags => {}
            None => draft.announce(visibility, status_announcement(to)),
        }
        let visibility = if only_tags { Visibility::Internal } else { visibility };
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
