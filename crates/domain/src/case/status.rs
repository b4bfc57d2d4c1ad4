//! Status of a case.

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
    /// Checks whether the case still needs work.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::InProgress | Self::WaitingOnCustomer | Self::OnHold)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Cancelled, Closed, InProgress, OnHold, Open, WaitingOnCustomer};

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
