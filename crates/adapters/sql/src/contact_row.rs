//! Contacts as rows of the tables `contacts` and `contact_emails`.

use diesel::prelude::*;
use engage_domain::case::Version;
use engage_domain::contact::{ContactEmails, ContactOrganization};
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};

use crate::column::{checked, parse, parse_option};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::{contact_emails, contacts};
use crate::sql_types::{BigInt, Bool, Nullable, SqlId, SqlTimestamp, Text};

/// SQL types of the columns of a [`ContactRow`].
pub type ContactColumnTypes = (
    SqlId,
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    Nullable<SqlId>,
    Bool,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    SqlTimestamp,
);

/// A contact.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contacts)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ContactRow {
    /// Id of the contact.
    #[diesel(skip_update)]
    pub id: DbId<ContactId>,
    /// Version of the contact.
    pub version: i64,
    emails: String,
    name: String,
    phone: Option<String>,
    /// Organization that was set.
    pub organization_id: Option<DbId<OrganizationId>>,
    is_organization_set: bool,
    locale: Option<String>,
    time_zone: Option<String>,
    notes: Option<String>,
    search_text: String,
    #[diesel(skip_update)]
    created_at: DbTimestamp,
}

impl From<&Contact> for ContactRow {
    fn from(contact: &Contact) -> Self {
        let emails: Vec<&str> = contact.emails.iter().map(EmailAddress::as_str).collect();
        Self {
            id: contact.id.into(),
            version: contact.version.get().into(),
            emails: emails.join(","),
            name: contact.name.to_string(),
            phone: contact.phone.as_ref().map(ToString::to_string),
            organization_id: contact.organization.own().map(DbId::from),
            is_organization_set: contact.organization != ContactOrganization::ByDomain,
            locale: contact.locale.as_ref().map(ToString::to_string),
            time_zone: contact.time_zone.as_ref().map(ToString::to_string),
            notes: contact.notes.as_ref().map(ToString::to_string),
            search_text: search_text(contact),
            created_at: DbTimestamp(contact.created_at),
        }
    }
}

/// Returns what lists search in. No searched text contains the separator.
fn search_text(contact: &Contact) -> String {
    let mut parts = vec![contact.name.as_str().to_lowercase()];
    parts.extend(contact.emails.iter().map(EmailAddress::normalized));
    parts.extend(contact.phone.as_ref().map(ToString::to_string));
    parts.join("\n")
}

impl ContactRow {
    /// Returns the version that the stored contact has before this row replaces it.
    pub fn version_before(&self) -> i64 {
        self.version - 1
    }

    /// Converts the row to a contact.
    pub fn into_contact(self) -> Result<Contact, InvalidColumn> {
        let emails = self.emails.split(',').filter(|address| !address.is_empty());
        let emails: Vec<_> =
            emails.map(|address| parse(address, "emails")).collect::<Result<_, _>>()?;
        let organization = match (self.is_organization_set, self.organization_id) {
            (false, _) => ContactOrganization::ByDomain,
            (true, id) => ContactOrganization::set_to(id.map(DbId::get)),
        };
        Ok(Contact {
            id: self.id.get(),
            version: checked(self.version, Version::new, "version")?,
            emails: ContactEmails::new(emails).map_err(|_| InvalidColumn { column: "emails" })?,
            name: parse(&self.name, "name")?,
            phone: parse_option(self.phone.as_deref(), "phone")?,
            organization,
            locale: parse_option(self.locale.as_deref(), "locale")?,
            time_zone: parse_option(self.time_zone.as_deref(), "time_zone")?,
            notes: parse_option(self.notes.as_deref(), "notes")?,
            created_at: self.created_at.0,
        })
    }
}

/// An address and the contact that has it.
#[derive(Insertable)]
#[diesel(table_name = contact_emails)]
pub struct ContactEmailRow {
    address: String,
    contact_id: DbId<ContactId>,
    domain: String,
}

impl ContactEmailRow {
    /// Returns the rows of a contact in the order of the addresses, so that two commits that add the
    /// same ones do not wait for each other.
    pub fn of(contact: &Contact) -> Vec<Self> {
        let row = |email: &EmailAddress| {
            let address = email.normalized();
            let (_, domain) = address.rsplit_once('@').unwrap_or_default();
            Self { domain: domain.to_owned(), contact_id: contact.id.into(), address }
        };
        let mut rows: Vec<Self> = contact.emails.iter().map(row).collect();
        rows.sort_by(|one, other| one.address.cmp(&other.address));
        rows
    }

    /// Returns the rows of several contacts, in the order of the addresses.
    pub fn of_all(contacts: &[Contact]) -> Vec<Self> {
        let mut rows: Vec<Self> = contacts.iter().flat_map(Self::of).collect();
        rows.sort_by(|one, other| one.address.cmp(&other.address));
        rows
    }
}
