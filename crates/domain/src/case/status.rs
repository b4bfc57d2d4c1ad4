//! Status of a case and its transitions.

use thiserror::Error;

use crate::wire::wire_enum;

wire_enum! {
    /// Status of a case.
    pub enum Status {
        /// Not worked on yet.
        Open = "OPEN",
        /// Being worked on by staff.
        InProgress = "IN_PROGRESS",
        /// Waiting for a reply from the customer.
        WaitingOnCustomer = "WAITING_ON_CUSTOMER",
        /// Waiting for something else.
        OnHold = "ON_HOLD",
        /// Solved in the opinion of staff.
        Resolved = "RESOLVED",
        /// Solved. This status is final.
        Closed = "CLOSED",
        /// Given up. This status is final.
        Cancelled = "CANCELLED",
    }
}

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

    /// Checks whether the case still needs work.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::WaitingOnCustomer | Self::OnHold)
    }

    /// Checks whether the status is final.
    pub const fn is_finished(self) -> bool {
        self.successors().is_empty()
    }

    /// Checks whether the resolution timer is paused in this status.
    pub const fn pauses_resolution(self) -> bool {
        matches!(self, Self::WaitingOnCustomer | Self::OnHold | Self::Resolved)
    }

    /// Returns the status as a label for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::InProgress => "In progress",
            Self::WaitingOnCustomer => "Waiting on customer",
            Self::OnHold => "On hold",
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
        }
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
                format!(
                    "A case that is {from} accepts only internal notes; set isInternal to true."
                )
            }
            Action::Reply => {
                format!("A case that is {from} no longer accepts replies; open a new case instead.")
            }
            Action::Correct => format!("A case that is {from} can no longer be corrected."),
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

    #[test]
    fn the_first_four_are_active_and_the_last_two_finished() {
        let active: Vec<_> = Status::ALL.iter().filter(|s| s.is_active()).collect();
        assert_eq!(active, [&Open, &InProgress, &WaitingOnCustomer, &OnHold]);
        let finished: Vec<_> = Status::ALL.iter().filter(|s| s.is_finished()).collect();
        assert_eq!(finished, [&Closed, &Cancelled]);
    }

    #[test]
    fn a_status_is_read_in_any_case_and_written_in_upper_case() {
        assert_eq!("in_Progress".parse(), Ok(InProgress));
        assert_eq!(WaitingOnCustomer.to_string(), "WAITING_ON_CUSTOMER");
        let refusal = "DONE".parse::<Status>().unwrap_err();
        assert_eq!(refusal.allowed, Status::SPELLINGS);
    }
}
