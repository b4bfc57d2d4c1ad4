use engage_domain::{Actor, CaseNumber, EmailAddress, ServiceRef, StaffRef};

use crate::change_options::ChangeOptions;
use crate::customer_access::{Proof, ProofDemand};
use crate::staff_access::Authority;

/// A request to change a case.
#[derive(Clone)]
pub struct CaseCommand {
    /// The number of the case.
    pub number: CaseNumber,
    /// The caller.
    pub requester: Requester,
    /// Preconditions and idempotency key.
    pub options: ChangeOptions,
}

/// The caller of a change.
#[derive(Clone)]
pub enum Requester {
    /// A client that claims to be the case's customer or a participant.
    Customer {
        /// The presented proof.
        proof: Proof,
        /// Proof that the act requires.
        demand: ProofDemand,
    },
    /// The customer of the case, who has just redeemed a code that was sent to this address.
    Mailbox(EmailAddress),
    /// An authenticated member of staff.
    Staff {
        /// The member of staff.
        member: StaffRef,
        /// The member's credential. It is verified again if the directory has changed since
        /// authentication.
        authority: Option<Box<Authority>>,
    },
    /// An authenticated machine, for itself or on behalf of a member of staff.
    Service {
        /// The machine, and the member for whom it acts.
        by: ServiceRef,
        /// The machine's credential. It is verified again if the directory has changed since
        /// authentication.
        authority: Option<Box<Authority>>,
    },
    /// Engage itself, when a deadline passes.
    System,
}

impl CaseCommand {
    /// Creates a request of a customer or a participant without preconditions.
    pub fn by_customer(number: CaseNumber, proof: Proof) -> Self {
        Self::by_person(number, proof, ProofDemand::OfMode)
    }

    /// Creates a request of a customer or a participant that requires certain proof.
    pub(crate) fn by_person(number: CaseNumber, proof: Proof, demand: ProofDemand) -> Self {
        let requester = Requester::Customer { proof, demand };
        Self { number, requester, options: ChangeOptions::default() }
    }

    /// Creates a request of a member of staff without preconditions.
    pub fn by_staff(number: CaseNumber, member: StaffRef) -> Self {
        let requester = Requester::Staff { member, authority: None };
        Self { number, requester, options: ChangeOptions::default() }
    }

    /// Creates a request for an automatic change.
    pub fn by_system(number: CaseNumber) -> Self {
        Self { number, requester: Requester::System, options: ChangeOptions::default() }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(self, options: ChangeOptions) -> Self {
        Self { options, ..self }
    }
}

impl Requester {
    /// Returns the actor recorded in the history of the case, if no participant is the caller.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Customer { .. } | Self::Mailbox(_) => Actor::Customer,
            Self::Staff { member, .. } => Actor::Staff(member.clone()),
            Self::Service { by, .. } => Actor::Service(by.clone()),
            Self::System => Actor::System,
        }
    }

    /// Returns the credential of a member of staff or a machine.
    pub(crate) fn authority(&mut self) -> Option<&mut Authority> {
        match self {
            Self::Staff { authority, .. } | Self::Service { authority, .. } => {
                authority.as_deref_mut()
            }
            Self::Customer { .. } | Self::Mailbox(_) | Self::System => None,
        }
    }
}
