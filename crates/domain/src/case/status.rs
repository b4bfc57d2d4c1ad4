//! Where a case stands, and where it may go from there.

use thiserror::Error;

use crate::wire::wire_enum;

wire_enum! {
    /// Where a case stands.
    pub enum Status {
        /// Nobody works on it yet.
        Open = "OPEN",
        /// Staff work on it.
        InProgress = "IN_PROGRESS",
        /// The customer was asked something.
        WaitingOnCustomer = "WAITING_ON_CUSTOMER",
        /// Something else has to happen first.
        OnHold = "ON_HOLD",
        /// Staff think it is solved.
        Resolved = "RESOLVED",
        /// It is solved: the end.
        Closed = "CLOSED",
        /// It was given up: the end.
        Cancelled = "CANCELLED",
    }
}

impl Status {
    /// What a case that stands here may become.
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

    /// Whether somebody still has to do something.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::WaitingOnCustomer | Self::OnHold)
    }

    /// Whether the case has come to its end.
    pub const fn is_finished(self) -> bool {
        self.successors().is_empty()
    }

    /// Whether the resolution clock stands still here.
    pub const fn pauses_resolution(self) -> bool {
        matches!(self, Self::WaitingOnCustomer | Self::OnHold | Self::Resolved)
    }

    /// The status in words.
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

    /// Refuses `action` unless a case that stands here is active.
    pub(super) fn require_active(self, action: Action) -> Result<(), InvalidTransition> {
        if self.is_active() { Ok(()) } else { Err(InvalidTransition { from: self, action }) }
    }

    /// Refuses `action` where a case has come to its end.
    pub(super) fn require_unfinished(self, action: Action) -> Result<(), InvalidTransition> {
        if self.is_finished() { Err(InvalidTransition { from: self, action }) } else { Ok(()) }
    }

    /// Refuses to become what the lifecycle forbids; staying is always legal.
    pub(super) fn require_successor(self, to: Self) -> Result<(), InvalidTransition> {
        if self == to || self.successors().contains(&to) {
            Ok(())
        } else {
            Err(InvalidTransition { from: self, action: Action::Become(to) })
        }
    }
}

/// Something that was tried with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// To give it another status.
    Become(Status),
    /// To escalate it.
    Escalate,
    /// To assign it.
    Assign,
    /// To write to the customer.
    WriteToCustomer,
    /// To answer as the customer.
    Reply,
    /// To correct its classification.
    Correct,
}

/// The lifecycle forbids what was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.sentence())]
pub struct InvalidTransition {
    /// Where the case stands.
    pub from: Status,
    /// What was tried.
    pub action: Action,
}

impl InvalidTransition {
    /// The status that was asked for, where one was.
    pub fn to(&self) -> Option<Status> {
        match self.action {
            Action::Become(status) => Some(status),
            _ => None,
        }
    }

    /// What the case may become instead.
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
                format!("A case that is {from} takes internal notes only; set isInternal to true.")
            }
            Action::Reply => {
                format!("A case that is {from} takes no more replies; open a new case instead.")
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
    fn every_pair_of_statuses_is_legal_exactly_where_the_table_says() {
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
