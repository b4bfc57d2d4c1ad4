//! Allowed transitions between statuses, and the error if one is not.

use thiserror::Error;

use super::status::Status;

impl Status {
    /// Returns the statuses that may follow this one.
    pub const fn successors(self) -> &'static [Self] {
        use Status::{Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer};
        match self {
            Open => &[InProgress, WaitingOnCustomer, OnHold, Resolved, Cancelled],
            InProgress => &[Open, WaitingOnCustomer, OnHold, Resolved, Cancelled],
            WaitingOnCustomer => &[InProgress, OnHold, Resolved, Cancelled],
            OnHold => &[InProgress, WaitingOnCustomer, Resolved, Cancelled],
            Resolved => &[InProgress, Closed],
            Closed | Cancelled => &[],
        }
    }

    /// Checks whether the status is final.
    pub const fn is_finished(self) -> bool {
        self.successors().is_empty()
    }

    /// Rejects `action` unless the status is active.
    pub(super) fn require_active(self, action: Action) -> Result<(), InvalidTransition> {
        if self.is_active() { Ok(()) } else { Err(InvalidTransition { from: self, action }) }
    }

    /// Rejects `action` if the status is final.
    pub(super) fn require_unfinished(self, action: Action) -> Result<(), InvalidTransition> {
        if self.is_finished() { Err(InvalidTransition { from: self, action }) } else { Ok(()) }
    }

    /// Rejects a transition that the lifecycle forbids. Keeping the status is always legal.
    pub(super) fn require_successor(self, to: Self) -> Result<(), InvalidTransition> {
        if self == to || self.successors().contains(&to) {
            Ok(())
        } else {
            Err(InvalidTransition { from: self, action: Action::Become(to) })
        }
    }
}

/// An attempted action on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(tag = "action", content = "status", rename_all = "SCREAMING_SNAKE_CASE")
)]
pub enum Action {
    /// Changing the status.
    Become(Status),
    /// Escalating the case.
    Escalate,
    /// Assigning the case.
    Assign,
    /// Writing to the customer.
    WriteToCustomer,
    /// Replying as the customer.
    Reply,
    /// Correcting the classification.
    Correct,
    /// Adding or naming a participant.
    ChangeParticipants,
}

/// Error returned when the lifecycle forbids an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.sentence())]
pub struct InvalidTransition {
    /// Current status of the case.
    pub from: Status,
    /// Attempted action.
    pub action: Action,
}

impl InvalidTransition {
    /// Returns the requested status, if the action was a status change.
    pub fn to(&self) -> Option<Status> {
        match self.action {
            Action::Become(status) => Some(status),
            _ => None,
        }
    }

    /// Returns the statuses that the case may change to.
    pub fn allowed(&self) -> &'static [Status] {
        self.from.successors()
    }

    fn sentence(self) -> String {
        let from = self.from;
        match self.action {
            Action::Become(to) => format!("A case that is {from} cannot become {to}."),
            Action::Escalate => {
                format!("Only an active case can be escalated, and this one is {from}.")
            }
            Action::Assign => format!("A case that is {from} can no longer be assigned."),
            Action::WriteToCustomer => {
                format!("A case that is {from} accepts only internal notes.")
            }
            Action::Reply => {
                format!("A case that is {from} no longer accepts replies; open a new case instead.")
            }
            Action::Correct => format!("A case that is {from} can no longer be corrected."),
            Action::ChangeParticipants => {
                format!("A case that is {from} can no longer get other participants.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer};

    #[test]
    fn exactly_the_documented_transitions_are_legal() {
        let legal = |from, to| match from {
            Open => matches!(to, InProgress | WaitingOnCustomer | OnHold | Resolved | Cancelled),
            InProgress => matches!(to, Open | WaitingOnCustomer | OnHold | Resolved | Cancelled),
            WaitingOnCustomer => matches!(to, InProgress | OnHold | Resolved | Cancelled),
            OnHold => matches!(to, InProgress | WaitingOnCustomer | Resolved | Cancelled),
            Resolved => matches!(to, InProgress | Closed),
            Closed | Cancelled => false,
        };
        for &from in Status::ALL {
            for &to in Status::ALL {
                let outcome = from.require_successor(to);
                assert_eq!(outcome.is_ok(), from == to || legal(from, to), "{from} -> {to}");
                if let Err(refusal) = outcome {
                    assert_eq!(refusal.to(), Some(to));
                    assert_eq!(refusal.allowed(), from.successors());
                }
            }
        }
    }
}
