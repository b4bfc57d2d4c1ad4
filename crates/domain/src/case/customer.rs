use crate::classification::CustomerType;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::{Organization, PersonName};

/// The customer of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Customer {
    /// Name of the person.
    pub name: PersonName,
    /// Address for replies.
    pub email: EmailAddress,
    /// Organization the person works for.
    pub organization: Option<Organization>,
    /// Telephone number.
    pub phone: Option<PhoneNumber>,
    /// Contract type of the customer.
    pub customer_type: CustomerType,
}
