//! Persons who are known to the support organization.

use super::emails::ContactEmails;
use super::locale::Locale;
use super::phone::PhoneNumber;
use super::time_zone::TimeZoneName;
use crate::case::Version;
use crate::id::{ContactId, OrganizationId};
use crate::text::{Notes, PersonName};
use crate::time::Timestamp;

/// Organization to which a contact belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", content = "id")
)]
pub enum ContactOrganization {
    /// Never set. The organization that has the domain of an address applies to it. The default.
    #[default]
    ByDomain,
    /// Set to none. The domains of the addresses do not matter.
    None,
    /// Set to an organization, which wins over those of the domains.
    Own(OrganizationId),
}

impl ContactOrganization {
    /// Returns what was set: an organization or none.
    pub fn set_to(organization: Option<OrganizationId>) -> Self {
        organization.map_or(Self::None, Self::Own)
    }

    /// Returns the organization that was set.
    pub fn own(self) -> Option<OrganizationId> {
        match self {
            Self::Own(organization) => Some(organization),
            Self::ByDomain | Self::None => None,
        }
    }

    /// Returns the organization that applies to an address whose domain belongs to `of_domain`.
    ///
    /// ```
    /// use engage_domain::OrganizationId;
    /// use engage_domain::contact::ContactOrganization;
    ///
    /// let [own, of_domain] = [1, 2].map(OrganizationId::from_u128);
    /// let applying = |set: ContactOrganization| set.applying(Some(of_domain));
    /// assert_eq!(applying(ContactOrganization::ByDomain), Some(of_domain));
    /// assert_eq!(applying(ContactOrganization::Own(own)), Some(own));
    /// assert_eq!(applying(ContactOrganization::None), None);
    /// ```
    pub fn applying(self, of_domain: Option<OrganizationId>) -> Option<OrganizationId> {
        match self {
            Self::ByDomain => of_domain,
            Self::None => None,
            Self::Own(organization) => Some(organization),
        }
    }
}

/// A person who is known to the support organization.
///
/// A contact is added by staff, by an import or by a person who has proven an address, and never by
/// an address that somebody typed. Cases do not refer to contacts: the cases of a contact are those
/// whose customer has one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Contact {
    /// Id of the contact.
    pub id: ContactId,
    /// Number of changes, including the addition.
    pub version: Version,
    /// Addresses. No two contacts share one.
    pub emails: ContactEmails,
    /// Name of the person.
    pub name: PersonName,
    /// Telephone number.
    pub phone: Option<PhoneNumber>,
    /// Organization of the person.
    pub organization: ContactOrganization,
    /// Language of the person.
    pub locale: Option<Locale>,
    /// Time zone of the person.
    pub time_zone: Option<TimeZoneName>,
    /// Notes of staff.
    pub notes: Option<Notes>,
    /// Time at which the contact was added.
    pub created_at: Timestamp,
}
