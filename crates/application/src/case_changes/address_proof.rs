//! Proofs of the address of a customer.

use std::convert::Infallible;

use engage_domain::case::AddressProof;
use engage_domain::{Case, CaseNumber, ContactId, Decision, EmailAddress, Policies};
use engage_repository::RepositoryError;

use super::CaseChanges;
use crate::case_command::{CaseCommand, Requester};
use crate::change_options::ChangeOptions;
use crate::error::CaseError;

impl CaseChanges {
    /// Records that the customer has proven the address of the case, unless it was proven before.
    ///
    /// Fails with [`CaseError::NotFound`] if the case has another address by now.
    pub(crate) async fn prove_address(
        &self,
        number: CaseNumber,
        address: EmailAddress,
    ) -> Result<(), CaseError<Infallible>> {
        let requester = Requester::Mailbox(address);
        let command = CaseCommand { number, requester, options: ChangeOptions::default() };
        let prove = |case: &Case, policies: &Policies, stamp| Ok(case.prove(policies, stamp));
        self.change(command, prove).await.map(|_| ())
    }

    /// Returns the proof of an address, with the contract that applies to it.
    pub(crate) async fn proof_of(
        &self,
        address: &EmailAddress,
    ) -> Result<AddressProof, RepositoryError> {
        let contract = match &self.ports.contracts {
            Some(contracts) => contracts.of(address).await?,
            None => None,
        };
        Ok(AddressProof { contract })
    }

    /// Returns the proof that comes with a change of a customer who has the address of the case, unless
    /// the case has had one.
    pub(super) async fn address_proof(
        &self,
        case: &Case,
        has_mailbox: bool,
    ) -> Result<Option<AddressProof>, RepositoryError> {
        match case.facts().unproven_address().filter(|_| has_mailbox) {
            Some(address) => Ok(Some(self.proof_of(address).await?)),
            None => Ok(None),
        }
    }

    /// Adds the customer as a contact, if the change proves their address.
    ///
    /// Comes before the commit, so that no proof is without a contact. If the commit fails, the contact
    /// stays: the address is proven all the same.
    pub(super) async fn add_proven_contact(
        &self,
        decision: &Decision,
    ) -> Result<(), RepositoryError> {
        let facts = decision.case.facts();
        let proves = facts.customer_proven_at == Some(decision.event.timestamp);
        let Some(contracts) = self.ports.contracts.as_ref().filter(|_| proves) else {
            return Ok(());
        };
        let id = ContactId::from_u128(self.ports.ids.next_id());
        contracts.add_contact(facts, id, decision.event.timestamp).await
    }
}
