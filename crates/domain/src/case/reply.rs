//! What the customer writes to a case.

use std::num::NonZeroU32;
use std::time::Duration;

use thiserror::Error;

use super::draft::{Draft, sent_files, total_size};
use super::{Action, Case, CaseFacts, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::time::Timestamp;
use crate::update::Visibility;

/// What a customer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
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

/// How much customers may write to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyPolicy {
    /// How many replies a case takes in a period; 20 by default.
    pub most: NonZeroU32,
    /// How long a period is, from its first reply on; an hour by default.
    pub period: Duration,
    /// How many bytes of files a case takes from customers; 250 MiB by default. What opens a case is
    /// not held to it.
    pub most_file_bytes: u64,
}

impl Default for ReplyPolicy {
    fn default() -> Self {
        const TWENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
        Self { most: TWENTY, period: Duration::from_hours(1), most_file_bytes: 250 * 1024 * 1024 }
    }
}

impl ReplyPolicy {
    /// The count with one reply more; or how long to wait for it.
    fn count(
        &self,
        counted: Option<CountedReplies>,
        now: Timestamp,
    ) -> Result<CountedReplies, Duration> {
        let Some(CountedReplies { since, count }) = counted else {
            return Ok(CountedReplies { since: now, count: 1 });
        };
        let left = self.period.saturating_sub(now.since(since));
        if left.is_zero() {
            Ok(CountedReplies { since: now, count: 1 })
        } else if count < self.most.get() {
            Ok(CountedReplies { since, count: count + 1 })
        } else {
            Err(left)
        }
    }

    /// How many bytes of files the case has with these; `None` if it does not take them.
    fn add_files(&self, present: u64, files: &[Attachment]) -> Option<u64> {
        let sum = present.saturating_add(total_size(files));
        (files.is_empty() || sum <= self.most_file_bytes).then_some(sum)
    }
}

/// The customer's replies to a case in the last period that had any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CountedReplies {
    /// When the first of them came.
    pub since: Timestamp,
    /// How many came.
    pub count: u32,
}

impl Case {
    /// Adds a customer's answer: a case that waited for it goes on, and one that was resolved no
    /// longer ago than the reopen window is reopened. Later, or on a finished case, it is refused.
    pub fn reply(
        &self,
        request: Reply,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, ReplyError> {
        let Reply { message, attachments } = request;
        let message = message.or_else(|| sent_files(&attachments)).ok_or(ReplyError::Empty)?;
        let mut draft = Draft::new(self, policies, stamp);
        if !takes_reply(&self.facts, policies, draft.now) {
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

fn takes_reply(case: &CaseFacts, policies: &Policies, now: Timestamp) -> bool {
    match case.status {
        Status::Open | Status::InProgress | Status::OnHold | Status::WaitingOnCustomer => true,
        Status::Resolved => now.since(case.status_since) <= policies.escalation.reopen_window,
        Status::Closed | Status::Cancelled => false,
    }
}
