//! Writes of contacts. Everything is checked before anything is written, because other writes share the
//! transaction.

use std::collections::BTreeSet;

use diesel::prelude::*;
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};
use engage_repository::{ContactBatch, ContactWrite, RepositoryError};
use engage_sql::schema::{contact_emails, contacts, organizations};
use engage_sql::{ContactEmailRow, ContactRow, DbId, has_email, select_taken_emails, taken_email};

use crate::error::WorkResult;
use crate::sql::push_criteria;

pub(crate) fn add(
    connection: &mut SqliteConnection,
    contact: &Contact,
) -> WorkResult<ContactWrite> {
    if let Some(refusal) = refusal(connection, contact, contact.id)? {
        return Ok(refusal);
    }
    insert(connection, contact)?;
    Ok(ContactWrite::Made)
}

pub(crate) fn change(
    connection: &mut SqliteConnection,
    contact: &Contact,
) -> WorkResult<ContactWrite> {
    let row = ContactRow::from(contact);
    require_version(connection, row.id, row.version_before())?;
    if let Some(refusal) = refusal(connection, contact, contact.id)? {
        return Ok(refusal);
    }
    replace(connection, contact)?;
    Ok(ContactWrite::Made)
}

pub(crate) fn merge(
    connection: &mut SqliteConnection,
    removed: &Contact,
    changed: &Contact,
) -> WorkResult<ContactWrite> {
    let (old, row) = (ContactRow::from(removed), ContactRow::from(changed));
    require_version(connection, old.id, old.version)?;
    require_version(connection, row.id, row.version_before())?;
    if let Some(refusal) = refusal(connection, changed, removed.id)? {
        return Ok(refusal);
    }
    diesel::delete(contacts::table.find(old.id)).execute(connection)?;
    replace(connection, changed)?;
    Ok(ContactWrite::Made)
}

pub(crate) fn import(connection: &mut SqliteConnection, batch: &ContactBatch) -> WorkResult<()> {
    for contact in &batch.changed {
        let row = ContactRow::from(contact);
        require_version(connection, row.id, row.version_before())?;
    }
    let all = batch.added.iter().chain(&batch.changed);
    let organizations: BTreeSet<_> = all.filter_map(|one| one.organization.own()).collect();
    let are_known = organizations
        .into_iter()
        .map(|id| has_organization(connection, id))
        .collect::<Result<Vec<_>, _>>()?;
    // A new contact has no address yet, so any of its own does not matter.
    let nobody = ContactId::from_u128(0);
    let emails = batch.added.iter().flat_map(|contact| &contact.emails);
    if are_known.contains(&false) || taken(connection, emails, nobody, nobody)?.is_some() {
        return Err(RepositoryError::Conflict.into());
    }
    for contact in &batch.added {
        insert(connection, contact)?;
    }
    for contact in &batch.changed {
        update(connection, contact)?;
    }
    Ok(())
}

/// Returns why a contact cannot be written. Addresses of `other` do not count.
fn refusal(
    connection: &mut SqliteConnection,
    contact: &Contact,
    other: ContactId,
) -> WorkResult<Option<ContactWrite>> {
    if let Some(taken) = taken(connection, &contact.emails, contact.id, other)? {
        return Ok(Some(taken));
    }
    match contact.organization.own() {
        Some(id) if !has_organization(connection, id)? => {
            Ok(Some(ContactWrite::NoOrganization(id)))
        }
        _ => Ok(None),
    }
}

/// Returns the first of the addresses that a contact other than these two has.
fn taken<'a>(
    connection: &mut SqliteConnection,
    emails: impl IntoIterator<Item = &'a EmailAddress>,
    own: ContactId,
    other: ContactId,
) -> WorkResult<Option<ContactWrite>> {
    let mut emails = emails.into_iter().peekable();
    if emails.peek().is_none() {
        return Ok(None);
    }
    let mut sql = select_taken_emails(own, other);
    push_criteria(&mut sql, [has_email(emails)]);
    sql.push(" ORDER BY address LIMIT 1");
    let found: Option<(String, DbId<ContactId>)> = sql.get_result(connection).optional()?;
    Ok(found.map(taken_email).transpose()?)
}

fn has_organization(connection: &mut SqliteConnection, id: OrganizationId) -> QueryResult<bool> {
    let known = organizations::table.find(DbId::from(id)).select(organizations::id);
    let found: Option<DbId<OrganizationId>> = known.first(connection).optional()?;
    Ok(found.is_some())
}

fn require_version(
    connection: &mut SqliteConnection,
    id: DbId<ContactId>,
    version: i64,
) -> WorkResult<()> {
    let stored = contacts::table.find(id).select(contacts::version);
    let stored: Option<i64> = stored.first(connection).optional()?;
    if stored == Some(version) { Ok(()) } else { Err(RepositoryError::Conflict.into()) }
}

fn insert(connection: &mut SqliteConnection, contact: &Contact) -> QueryResult<()> {
    let row = ContactRow::from(contact);
    diesel::insert_into(contacts::table).values(&row).execute(connection)?;
    insert_emails(connection, contact)
}

fn replace(connection: &mut SqliteConnection, contact: &Contact) -> QueryResult<()> {
    update(connection, contact)?;
    let theirs = contact_emails::contact_id.eq(DbId::from(contact.id));
    diesel::delete(contact_emails::table.filter(theirs)).execute(connection)?;
    insert_emails(connection, contact)
}

fn update(connection: &mut SqliteConnection, contact: &Contact) -> QueryResult<()> {
    let row = ContactRow::from(contact);
    diesel::update(contacts::table.find(row.id)).set(&row).execute(connection).map(drop)
}

fn insert_emails(connection: &mut SqliteConnection, contact: &Contact) -> QueryResult<()> {
    for row in &ContactEmailRow::of(contact) {
        diesel::insert_into(contact_emails::table).values(row).execute(connection)?;
    }
    Ok(())
}
