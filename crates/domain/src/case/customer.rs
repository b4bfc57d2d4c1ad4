use crate::classification::CustomerType;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::{Organization, PersonName};

/// Who needs help.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Customer {
    /// The person's name.
    pub name: PersonName,
    /// Where answers go.
    pub email: EmailAddress,
    /// For whom they work.
    pub organization: Option<Organization>,
    /// How to call them.
    pub phone: Option<PhoneNumber>,
    /// What kind of contract they have.
    pub customer_type: CustomerType,
}
