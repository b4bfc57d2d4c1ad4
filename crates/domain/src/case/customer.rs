use crate::classification::CustomerType;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::{Organization, PersonName};

/// The customer of a case.
///
/// ```
/// use engage_domain::{Customer, CustomerType};
///
/// let john = Customer::new("John Doe".parse()?, "John@example.com".parse()?);
/// assert_eq!(john.customer_type, CustomerType::Free);
///
/// let john = john.with_type(CustomerType::Business).with_organization("Acme Corp".parse()?);
/// assert_eq!(john.customer_type, CustomerType::Business);
/// assert_eq!(john.email, Some("john@EXAMPLE.com".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Customer {
    /// Name of the person.
    pub name: PersonName,
    /// Address for replies. A customer for whom staff opened a case may have none.
    pub email: Option<EmailAddress>,
    /// Organization the person works for.
    pub organization: Option<Organization>,
    /// Telephone number.
    pub phone: Option<PhoneNumber>,
    /// Contract type of the customer.
    #[cfg_attr(feature = "serde", serde(default))]
    pub customer_type: CustomerType,
}

impl Customer {
    /// Creates a customer without a contract.
    pub fn new(name: PersonName, email: EmailAddress) -> Self {
        Self {
            name,
            email: Some(email),
            organization: None,
            phone: None,
            customer_type: CustomerType::default(),
        }
    }

    /// Creates a customer without a contract or an e-mail address, who is reached by telephone.
    pub fn by_phone(name: PersonName, phone: PhoneNumber) -> Self {
        Self {
            name,
            email: None,
            organization: None,
            phone: Some(phone),
            customer_type: CustomerType::default(),
        }
    }

    /// Sets the contract type.
    #[must_use]
    pub fn with_type(self, customer_type: CustomerType) -> Self {
        Self { customer_type, ..self }
    }

    /// Names the organization the person works for.
    #[must_use]
    pub fn with_organization(self, organization: Organization) -> Self {
        Self { organization: Some(organization), ..self }
    }

    /// Sets the telephone number.
    #[must_use]
    pub fn with_phone(self, phone: PhoneNumber) -> Self {
        Self { phone: Some(phone), ..self }
    }
}
