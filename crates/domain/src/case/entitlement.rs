//! Entitlement of customers to the contract under which a case runs.

use crate::classification::CustomerType;
use crate::organization::SlaOverride;
use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Basis of the customer type of a case.
    pub enum Entitlement {
        /// The customer type is what somebody claimed, or what the policy puts in its stead.
        #[default]
        Claimed = "CLAIMED",
        /// The customer has proven an address to which the contract of an organization applies.
        Verified = "VERIFIED",
    }
}

/// Contract of an organization, as far as it decides on cases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Contract {
    /// Customer type of the organization.
    pub customer_type: CustomerType,
    /// Service targets that the organization has instead of those of its customer type.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sla_override: Option<SlaOverride>,
}

/// Proof that an act comes from the customer's e-mail address: a code, a link or a login that only the
/// owner of the address can have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct AddressProof {
    /// Contract that applies to the address, if there is one.
    pub contract: Option<Contract>,
}

impl AddressProof {
    /// Creates the proof of an address to which a contract applies.
    pub fn with_contract(contract: Contract) -> Self {
        Self { contract: Some(contract) }
    }
}
