//! Cases whose customer proves an address and is entitled to a contract.

use super::entitlement::{AddressProof, Contract, Entitlement};
use super::facts::CaseFacts;
use super::policies::Policies;
use crate::classification::CustomerType;
use crate::contact::EmailAddress;
use crate::sla::{ServiceTarget, SlaPolicy};
use crate::time::Timestamp;

impl CaseFacts {
    /// Returns the customer type that was claimed, also if another one applies.
    pub fn claimed_type(&self) -> CustomerType {
        self.claimed_customer_type.unwrap_or(self.customer.customer_type)
    }

    /// Checks whether the customer's present address is proven.
    pub const fn is_customer_proven(&self) -> bool {
        self.customer_proven_at.is_some()
    }

    /// Returns the customer's present address if it is not proven, or `None` if there is none.
    pub fn unproven_address(&self) -> Option<&EmailAddress> {
        self.customer.email.as_ref().filter(|_| !self.is_customer_proven())
    }

    /// Returns the service targets of the case: those of the contract to which the customer is
    /// entitled, or else those of the customer type.
    pub fn service_target(&self, sla: &SlaPolicy) -> ServiceTarget {
        let agreed = self.sla_targets.as_ref().and_then(|targets| targets.target(self.urgency));
        agreed.unwrap_or_else(|| sla.target(self.customer.customer_type, self.urgency))
    }

    /// Puts another customer type in the place of the claimed one, which is kept.
    pub(super) fn set_applying_type(&mut self, applying: CustomerType) {
        let claimed = self.claimed_type();
        self.customer.customer_type = applying;
        self.claimed_customer_type = Some(claimed).filter(|claimed| *claimed != applying);
    }

    /// Records the first proof of the customer's address. An active case gets the contract that applies
    /// to the address.
    pub(super) fn prove(&mut self, proof: AddressProof, policies: &Policies, now: Timestamp) {
        if self.unproven_address().is_none() {
            return;
        }
        self.customer_proven_at = Some(now);
        if let Some(contract) = proof.contract.filter(|_| self.status.is_active()) {
            self.entitle(contract, &policies.sla, now);
        }
    }

    /// Lets the case run under a contract from now on.
    ///
    /// A target that is shorter than the present one is counted from now, unless the case is due
    /// before that. A longer one is counted from now as well, unless the case is due after that. An
    /// alert that holds stays, so that staff are not told of it again.
    fn entitle(&mut self, contract: Contract, sla: &SlaPolicy, now: Timestamp) {
        let before = self.service_target(sla);
        self.set_applying_type(contract.customer_type);
        self.entitlement = Entitlement::Verified;
        self.sla_targets = contract.sla_override;
        let target = self.service_target(sla);
        let calendar = sla.calendar(self.customer.customer_type);
        let moved = |due: Timestamp, counted_from_now: Timestamp, is_longer: bool| {
            if is_longer { due.max(counted_from_now) } else { due.min(counted_from_now) }
        };
        // The end of a pause adds all of it, including the part before now.
        let from = if self.status.pauses_resolution() { self.status_since } else { now };
        self.estimated_resolution = moved(
            self.estimated_resolution,
            calendar.add(from, target.resolution),
            target.resolution > before.resolution,
        );
        if self.awaits_first_response() {
            self.first_response_due = moved(
                self.first_response_due,
                calendar.add(now, target.first_response),
                target.first_response > before.first_response,
            );
        }
        self.recheck_alerts(sla, now);
    }

    /// Forgets the proof of a former address, and the contract that applied to it.
    pub(super) fn forget_proof(&mut self, policies: &Policies) {
        self.customer_proven_at = None;
        if std::mem::take(&mut self.entitlement) == Entitlement::Verified {
            let applying = policies.unknown_type.applying(self.claimed_type());
            self.set_applying_type(applying);
        }
        self.sla_targets = None;
    }
}
