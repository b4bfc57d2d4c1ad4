//! Replies of customers and participants.

use std::time::Duration;

use thiserror::Error;

use super::draft::{Draft, sent_files};
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::actor::WrongActor;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::visibility::Visibility;

/// Request of a customer or a participant to add a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ReplyRequest {
    /// Text of the reply. Optional if there are files.
    pub message: Option<Message>,
    /// Attached files.
    #[cfg_attr(feature = "serde", serde(default))]
    pub attachments: Vec<Attachment>,
}

impl ReplyRequest {
    /// Requests a reply with this text.
    pub fn message(text: Message) -> Self {
        Self { message: Some(text), attachments: Vec::new() }
    }

    /// Requests a reply that consists of files.
    pub fn files(attachments: Vec<Attachment>) -> Self {
        Self { message: None, attachments }
    }

    /// Attaches files.
    #[must_use]
    pub fn with_attachments(self, attachments: Vec<Attachment>) -> Self {
        Self { attachments, ..self }
    }
}

/// Error returned when a reply is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// The case no longer accepts replies.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
    /// The reply has neither a message nor a file.
    #[error("is required unless files are attached")]
    Empty,
    /// The people of the case have reached the limit on replies for now.
    #[error("the case has had too many replies in a short time")]
    TooMany {
        /// Time to wait before the next reply.
        retry_after: Duration,
    },
    /// The files exceed the total size that customers may send to the case.
    #[error("the files that customers send to a case are at most {most} bytes together")]
    FilesTooLarge {
        /// Maximum total size in bytes.
        most: u64,
    },
}

impl Case {
    /// Adds a reply from the customer or a participant. A case that was waiting for it resumes, and a
    /// case that was resolved within the reopen window is reopened.
    ///
    /// Fails if the actor is neither the customer nor a participant who may act, if the case is
    /// finished or was resolved earlier, if the reply is empty, or if a limit on replies or files is
    /// reached. All people of a case share its limits.
    pub fn reply(
        &self,
        request: ReplyRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, ReplyError> {
        self.facts.require_writer(&stamp.actor)?;
        let ReplyRequest { message, attachments } = request;
        let message = message.or_else(|| sent_files(&attachments)).ok_or(ReplyError::Empty)?;
        let mut draft = Draft::new(self, policies, stamp);
        if !policies.lifecycle.takes_reply(&self.facts, draft.now) {
            let refusal = InvalidTransition { from: self.status(), action: Action::Reply };
            return Err(refusal.into());
        }
        let counted = policies.replies.count(self.facts.counted_replies, draft.now);
        let counted = counted.map_err(|retry_after| ReplyError::TooMany { retry_after })?;
        draft.after.counted_replies = Some(counted);
        let most = policies.replies.most_file_bytes;
        draft.after.customer_file_bytes = policies
            .replies
            .add_files(self.facts.customer_file_bytes, &attachments)
            .ok_or(ReplyError::FilesTooLarge { most })?;
        if matches!(self.status(), Status::WaitingOnCustomer | Status::Resolved) {
            draft.enter(Status::InProgress);
        }
        draft.write(Visibility::Public, message, attachments);
        Ok(draft.finish(EventKind::Updated, Visibility::Public))
    }
}
