//! Values of a contact that is added or changed.

use engage_domain::contact::{ContactEmails, ContactOrganization, Locale, TimeZoneName};
use engage_domain::{Contact, Notes, PersonName, PhoneNumber};

/// A new contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContact {
    /// Name of the person.
    pub name: PersonName,
    /// Addresses, the preferred one first.
    pub emails: ContactEmails,
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
}

/// Changes to a contact. Fields with `None` remain unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactChange {
    /// Name of the person.
    pub name: Option<PersonName>,
    /// All addresses, the preferred one first.
    pub emails: Option<ContactEmails>,
    /// Telephone number, or `Some(None)` to remove it.
    pub phone: Option<Option<PhoneNumber>>,
    /// Organization of the person.
    pub organization: Option<ContactOrganization>,
    /// Language of the person, or `Some(None)` to remove it.
    pub locale: Option<Option<Locale>>,
    /// Time zone of the person, or `Some(None)` to remove it.
    pub time_zone: Option<Option<TimeZoneName>>,
    /// Notes of staff, or `Some(None)` to remove them.
    pub notes: Option<Option<Notes>>,
}

impl ContactChange {
    /// Returns the contact after the change, or `None` if nothing changes.
    pub(super) fn apply(&self, before: &Contact) -> Option<Contact> {
        let Self { name, emails, phone, organization, locale, time_zone, notes } = self.clone();
        let after = Contact {
            id: before.id,
            version: before.version,
            name: name.unwrap_or_else(|| before.name.clone()),
            emails: emails.unwrap_or_else(|| before.emails.clone()),
            phone: phone.unwrap_or_else(|| before.phone.clone()),
            organization: organization.unwrap_or(before.organization),
            locale: locale.unwrap_or_else(|| before.locale.clone()),
            time_zone: time_zone.unwrap_or_else(|| before.time_zone.clone()),
            notes: notes.unwrap_or_else(|| before.notes.clone()),
            created_at: before.created_at,
        };
        let is_same = after == *before && is_spelled_alike(&after.emails, &before.emails);
        (!is_same).then(|| Contact { version: before.version.next(), ..after })
    }
}

/// Checks whether equal addresses are spelled alike, too.
fn is_spelled_alike(one: &ContactEmails, other: &ContactEmails) -> bool {
    one.iter().zip(other).all(|(one, other)| one.as_str() == other.as_str())
}
