//! Ports for the erasure of a person.

use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::{CaseId, EmailAddress};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    CaseOfPerson, ContactRepository, ErasedAddress, OrganizationRepository, PersonErasures,
    RepositoryError, StaffRepository,
};

use crate::{AccessTokens, CaseRecords, EraseCase};

/// Number of cases read per query.
const PAGE: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Ports used to erase a person.
#[derive(Clone)]
#[allow(missing_docs)] // Each port says what it is.
pub struct PersonErasurePorts {
    pub erasures: Arc<dyn PersonErasures>,
    pub contacts: Arc<dyn ContactRepository>,
    pub organizations: Arc<dyn OrganizationRepository>,
    pub staff: Arc<dyn StaffRepository>,
    pub records: CaseRecords,
    pub erase_case: EraseCase,
    pub tokens: AccessTokens,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

impl PersonErasurePorts {
    /// Hashes the addresses where they are suppressed, and erases reasons that mention them.
    pub(super) async fn erase_addresses(
        &self,
        addresses: &[EmailAddress],
    ) -> Result<(), RepositoryError> {
        let erased = |address: &EmailAddress| ErasedAddress {
            address: address.clone(),
            mac: self.tokens.address_mac(address),
        };
        let erased: Vec<_> = addresses.iter().map(erased).collect();
        self.erasures.erase_addresses(&erased).await
    }

    /// Reads a part of the cases of a person, after one. Returns an empty one at the end.
    pub(super) async fn cases_after(
        &self,
        addresses: &[EmailAddress],
        after: Option<CaseId>,
    ) -> Result<Vec<CaseOfPerson>, RepositoryError> {
        self.erasures.list_cases_of_person(addresses, after, PAGE).await
    }
}
