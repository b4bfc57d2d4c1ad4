//! Statements about contacts, to which each store adds criteria as its database compares.

use engage_domain::{ContactId, EmailAddress, OrganizationId};
use engage_repository::{ContactFilter, ContactWrite, OrganizationAddresses};

use crate::column::parse;
use crate::contact_row::ContactColumnTypes;
use crate::criterion::Criterion;
use crate::db_id::DbId;
use crate::error::InvalidColumn;
use crate::sql_types::{SqlId, Text};
use crate::statement::Statement;

const SELECT: &str = "
    SELECT id, version, emails, name, phone, organization_id, is_organization_set, locale, time_zone,
        notes, search_text, created_at
    FROM contacts WHERE ";

/// Begins a statement that selects contacts, to which criteria can be added.
pub fn select_contacts() -> Statement<ContactColumnTypes> {
    let mut sql = Statement::new(SELECT);
    sql.push("true");
    sql
}

/// Begins a statement that selects the contacts that have one of some addresses. A criterion for
/// the addresses and a closing parenthesis have to be added.
pub fn select_contacts_by_email() -> Statement<ContactColumnTypes> {
    let mut sql = Statement::new(SELECT);
    sql.push("id IN (SELECT contact_id FROM contact_emails WHERE true");
    sql
}

/// Begins a statement that selects the addresses, and their contacts, that contacts other than these
/// two have. A criterion for the addresses has to be added.
pub fn select_taken_emails(own: ContactId, other: ContactId) -> Statement<(Text, SqlId)> {
    let mut sql = Statement::new("SELECT address, contact_id FROM contact_emails WHERE true");
    sql.push(" AND contact_id <> ").bind(DbId::from(own));
    sql.push(" AND contact_id <> ").bind(DbId::from(other));
    sql
}

/// The criterion that an address is one of these.
pub fn has_email<'a>(emails: impl IntoIterator<Item = &'a EmailAddress>) -> Criterion {
    let wanted = emails.into_iter().map(EmailAddress::normalized).collect();
    Criterion::Texts { column: "contact_emails.address", wanted }
}

/// Converts a row of an address that another contact has.
pub fn taken_email(row: (String, DbId<ContactId>)) -> Result<ContactWrite, InvalidColumn> {
    let (address, contact) = row;
    Ok(ContactWrite::EmailTaken { email: parse(&address, "address")?, by: contact.get() })
}

/// The domains of an organization, and the addresses that its domains do not tell.
const ADDRESSES_OF_ORGANIZATION: &str = "
    SELECT 'DOMAIN', domain FROM organization_domains WHERE organization_id = ?
    UNION ALL
    SELECT 'ELSEWHERE', emails.address FROM contacts
    JOIN contact_emails AS emails ON emails.contact_id = contacts.id
    WHERE contacts.organization_id = ? AND NOT EXISTS (
        SELECT 1 FROM organization_domains AS theirs
        WHERE theirs.domain = emails.domain AND theirs.organization_id = contacts.organization_id)
    UNION ALL
    SELECT 'EXCEPTED', emails.address FROM organization_domains AS theirs
    JOIN contact_emails AS emails ON emails.domain = theirs.domain
    JOIN contacts ON contacts.id = emails.contact_id
    WHERE theirs.organization_id = ? AND contacts.is_organization_set
        AND (contacts.organization_id IS NULL OR contacts.organization_id <> theirs.organization_id)";

/// Selects the addresses to which an organization applies, each with its kind.
pub fn select_organization_addresses(organization: OrganizationId) -> Statement<(Text, Text)> {
    let id = || DbId::from(organization).into();
    Statement::prepared(ADDRESSES_OF_ORGANIZATION, [id(), id(), id()])
}

/// Converts the rows of [`select_organization_addresses`].
pub fn organization_addresses(
    rows: Vec<(String, String)>,
) -> Result<OrganizationAddresses, InvalidColumn> {
    let mut found = OrganizationAddresses::default();
    for (kind, text) in rows {
        match kind.as_str() {
            "DOMAIN" => found.domains.push(parse(&text, "domain")?),
            "ELSEWHERE" => found.elsewhere.push(parse(&text, "address")?),
            _ => found.excepted.push(parse(&text, "address")?),
        }
    }
    Ok(found)
}

/// Contacts that an organization has by what was set, or by the domain of an address.
const OF_ORGANIZATION: &str = "
    contacts.id IN (
        SELECT own.id FROM contacts AS own WHERE own.organization_id = ?
        UNION ALL
        SELECT emails.contact_id FROM organization_domains AS theirs
        JOIN contact_emails AS emails ON emails.domain = theirs.domain
        WHERE theirs.organization_id = ?
    ) AND (contacts.organization_id = ? OR NOT contacts.is_organization_set)";

/// Returns the criteria of a list of contacts that starts after one.
pub fn contact_criteria(filter: &ContactFilter, after: Option<ContactId>) -> Vec<Criterion> {
    let ContactFilter { text, organization, email, notes } = filter;
    let mut criteria = Vec::new();
    if let Some(after) = after {
        criteria.push(Criterion::sql("contacts.id > ?", [DbId::from(after).into()]));
    }
    if let Some(organization) = organization {
        let id = DbId::from(*organization);
        criteria.push(Criterion::sql(OF_ORGANIZATION, [id.into(), id.into(), id.into()]));
    }
    if let Some(email) = email {
        let has = "contacts.id IN (SELECT contact_id FROM contact_emails WHERE address = ?)";
        criteria.push(Criterion::sql(has, [email.normalized().into()]));
    }
    if let Some(text) = notes {
        let text = text.clone();
        criteria.push(Criterion::Contains { column: "contacts.notes", text });
    }
    if let Some(text) = text {
        let text = text.as_str().to_lowercase();
        criteria.push(Criterion::Contains { column: "contacts.search_text", text });
    }
    criteria
}
