//! What the customer writes to a case.

use super::draft::Draft;
use super::{Action, Case, Decision, InvalidTransition, Policies, Stamp, Status};
use crate::Message;
use crate::attachment::Attachment;
use crate::event::EventKind;
use crate::update::Visibility;

/// What a customer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What they write.
    pub message: Message,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
}

impl Case {
    /// Adds a customer's answer: a case that waited for it goes on, and one that was resolved no
    /// longer ago than the reopen window is reopened. Later, or on a finished case, it is refused.
    pub fn reply(
        &self,
        request: Reply,
        policies: &Policies,
        stamp: Stamp,
    ) -> Result<Decision, InvalidTransition> {
        let refusal = InvalidTransition { from: self.status(), action: Action::Reply };
        let mut draft = Draft::new(self, policies, stamp);
        match self.status() {
            Status::Open | Status::InProgress | Status::OnHold => {}
            Status::WaitingOnCustomer => draft.enter(Status::InProgress),
            Status::Resolved => {
                let resolved_for = draft.now.since(self.facts.status_since);
                if resolved_for > policies.escalation.reopen_window {
                    return Err(refusal);
                }
                draft.enter(Status::InProgress);
            }
            Status::Closed | Status::Cancelled => return Err(refusal),
        }
        draft.write(Visibility::Public, request.message, request.attachments);
        Ok(draft.finish(EventKind::Updated, Visibility::Public))
    }
}
