//! What the customer writes to a case.

use std::time::Duration;

use thiserror::Error;

use super::draft::{Draft, sent_files};
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::update::Visibility;

/// What a customer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyRequest {
    /// What they write; may be left out beside files.
    pub message: Option<Message>,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
}

/// Why an answer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// The case takes no answer any more.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// It has neither a message nor a file.
    #[error("must be given, unless there are files")]
    Empty,
    /// The customer wrote as often as they may for now.
    #[error("the case had many replies in a short time")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// With its files the customer would have sent more than the case takes.
    #[error("the files that customers send to a case are at most {most} bytes together")]
    FilesTooLarge {
        /// How many bytes a case takes.
        most: u64,
    },
}

impl Case {
    /// Adds a customer's answer: a case that waited for it goes on, and one that was resolved no
    /// longer ago than the reopen window is reopened. Later, or on a finished case, it is refused.
    pub fn reply(
        &self,
        request: ReplyRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, ReplyError> {
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
