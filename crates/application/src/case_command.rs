use engage_domain::{Actor, CaseNumber, StaffRef};

use crate::change_options::ChangeOptions;
use crate::customer_access::Proof;
use crate::staff_access::Authority;

/// A request to change a case.
#[derive(Clone)]
pub struct CaseCommand {
    /// The number of the case.
    pub number: CaseNumber,
    /// The caller who requests the change.
    pub requester: Requester,
    /// Conditions of the change.
    pub options: ChangeOptions,
}

/// The caller who requests a change.
#[derive(Clone)]
pub enum Requester {
    /// Somebody who claims to be the case's customer.
    Customer(Proof),
    /// A member of staff.
    Staff {
        /// The member.
        member: StaffRef,
        /// The member's credential, which is verified again if the directory has changed since it was read.
        authority: Option<Authority>,
    },
    /// Engage itself, when a deadline passes.
    System,
}

impl CaseCommand {
    /// A change that a customer requests, without conditions.
    pub fn by_customer(number: CaseNumber, proof: Proof) -> Self {
        Self { number, requester: Requester::Customer(proof), options: ChangeOptions::default() }
    }

    /// A change that a member of staff requests, without conditions.
    pub fn by_staff(number: CaseNumber, member: StaffRef) -> Self {
        let requester = Requester::Staff { member, authority: None };
        Self { number, requester, options: ChangeOptions::default() }
    }

    /// A change that is due.
    pub(crate) fn by_system(number: CaseNumber) -> Self {
        Self { number, requester: Requester::System, options: ChangeOptions::default() }
    }

    /// Replaces the conditions.
    #[must_use]
    pub fn with_options(self, options: ChangeOptions) -> Self {
        Self { options, ..self }
    }
}

impl Requester {
    /// The caller as the history of the case names them.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Customer(_) => Actor::Customer,
            Self::Staff { member, .. } => Actor::Staff(member.clone()),
            Self::System => Actor::System,
        }
    }
}
