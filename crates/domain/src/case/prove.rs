//! Proving the address of a customer.

use super::draft::Draft;
use super::{Case, Decision, Policies, Stamp};
use crate::event::EventKind;
use crate::visibility::Visibility;

impl Case {
    /// Records the proof of the customer's address that the stamp carries. Returns `None` if it carries
    /// none, if the address was proven before, or if the customer has no address.
    ///
    /// Every change whose stamp carries a proof records it. This one does nothing else, for a proof that
    /// comes without a change, such as a code. An active case gets the contract that applies to the
    /// address: its customer type, its service targets, and due times that follow from them.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # use engage_domain::case::{AddressProof, Contract, Entitlement};
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let case = Case::open(id, number, request, &policies, stamp).case;
    /// let contract = Contract { customer_type: CustomerType::Enterprise, sla_override: None };
    /// let stamp = by(Actor::Customer, "2025-01-27T12:00:00Z")
    ///     .with_proof(AddressProof::with_contract(contract));
    /// let proven = case.prove(&policies, stamp).ok_or("the address was proven before")?.case;
    /// assert_eq!(proven.facts().entitlement, Entitlement::Verified);
    /// assert_eq!(proven.facts().customer.customer_type, CustomerType::Enterprise);
    /// assert_eq!(proven.facts().claimed_type(), CustomerType::Free);
    /// assert_eq!(proven.facts().first_response_due, "2025-01-27T20:00:00Z".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn prove(&self, policies: &Policies, stamp: Stamp) -> Option<Decision> {
        if stamp.proof.is_none() || self.facts.unproven_address().is_none() {
            return None;
        }
        let draft = Draft::new(self, policies, stamp);
        Some(draft.finish(EventKind::Updated, Visibility::Internal))
    }
}
