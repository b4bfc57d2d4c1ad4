//! Writes of contacts, each in a transaction. What others write meanwhile is found by constraints.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{Contact, ContactId, OrganizationId};
use engage_repository::{ContactBatch, ContactWrite, RepositoryError};
use engage_sql::schema::{contact_emails, contacts, organizations};
use engage_sql::{
    ContactEmailRow, ContactRow, DbId, has_email, repository_error, select_taken_emails,
    taken_email,
};

use crate::error::{refers_to_nothing, violates};
use crate::sql::push_criteria;

/// The result of a write. An error of the outer kind rolls the transaction back.
type Written = QueryResult<Result<ContactWrite, RepositoryError>>;

/// Converts an error of a write. One that lost a race against another write is a conflict.
pub(crate) fn lost_race(error: DieselError) -> RepositoryError {
    let is_conflict = matches!(error, DieselError::RollbackTransaction)
        || violates(&error, "contact_emails_pkey")
        || refers_to_nothing(&error, "contacts_organization_id_fkey");
    if is_conflict { RepositoryError::Conflict } else { repository_error(error) }
}

pub(crate) async fn add(connection: &mut AsyncPgConnection, contact: &Contact) -> Written {
    if let Some(refusal) = refusal(connection, contact, contact.id).await? {
        return Ok(refusal);
    }
    insert(connection, std::slice::from_ref(contact)).await?;
    Ok(Ok(ContactWrite::Made))
}

pub(crate) async fn change(connection: &mut AsyncPgConnection, contact: &Contact) -> Written {
    if let Some(refusal) = refusal(connection, contact, contact.id).await? {
        return Ok(refusal);
    }
    update(connection, contact).await?;
    replace_emails(connection, contact).await?;
    Ok(Ok(ContactWrite::Made))
}

pub(crate) async fn merge(
    connection: &mut AsyncPgConnection,
    removed: &Contact,
    changed: &Contact,
) -> Written {
    if let Some(refusal) = refusal(connection, changed, removed.id).await? {
        return Ok(refusal);
    }
    let old = ContactRow::from(removed);
    let delete =
        diesel::delete(contacts::table.find(old.id).filter(contacts::version.eq(old.version)));
    require_one(delete.execute(connection).await?)?;
    update(connection, changed).await?;
    replace_emails(connection, changed).await?;
    Ok(Ok(ContactWrite::Made))
}

pub(crate) async fn import(
    connection: &mut AsyncPgConnection,
    batch: &ContactBatch,
) -> QueryResult<()> {
    if !batch.added.is_empty() {
        insert(connection, &batch.added).await?;
    }
    for contact in &batch.changed {
        update(connection, contact).await?;
    }
    Ok(())
}

/// Returns why a contact cannot be written. Addresses of `other` do not count.
async fn refusal(
    connection: &mut AsyncPgConnection,
    contact: &Contact,
    other: ContactId,
) -> QueryResult<Option<Result<ContactWrite, RepositoryError>>> {
    let mut sql = select_taken_emails(contact.id, other);
    push_criteria(&mut sql, [has_email(&contact.emails)]);
    sql.push(" ORDER BY address LIMIT 1");
    let taken: Option<(String, DbId<ContactId>)> = sql.get_result(connection).await.optional()?;
    if let Some(taken) = taken {
        return Ok(Some(taken_email(taken).map_err(RepositoryError::from)));
    }
    let Some(id) = contact.organization.own() else { return Ok(None) };
    let known = organizations::table.find(DbId::from(id)).select(organizations::id);
    let found: Option<DbId<OrganizationId>> = known.first(connection).await.optional()?;
    Ok(if found.is_some() { None } else { Some(Ok(ContactWrite::NoOrganization(id))) })
}

async fn insert(connection: &mut AsyncPgConnection, added: &[Contact]) -> QueryResult<()> {
    let rows: Vec<ContactRow> = added.iter().map(ContactRow::from).collect();
    diesel::insert_into(contacts::table).values(&rows).execute(connection).await?;
    insert_emails(connection, &ContactEmailRow::of_all(added)).await
}

/// Updates a contact that is at the version before, or rolls back.
async fn update(connection: &mut AsyncPgConnection, contact: &Contact) -> QueryResult<()> {
    let row = ContactRow::from(contact);
    let before = contacts::table.find(row.id).filter(contacts::version.eq(row.version_before()));
    require_one(diesel::update(before).set(&row).execute(connection).await?)
}

fn require_one(written: usize) -> QueryResult<()> {
    if written == 1 { Ok(()) } else { Err(DieselError::RollbackTransaction) }
}

async fn replace_emails(connection: &mut AsyncPgConnection, contact: &Contact) -> QueryResult<()> {
    let theirs = contact_emails::contact_id.eq(DbId::from(contact.id));
    diesel::delete(contact_emails::table.filter(theirs)).execute(connection).await?;
    insert_emails(connection, &ContactEmailRow::of(contact)).await
}

async fn insert_emails(
    connection: &mut AsyncPgConnection,
    rows: &Vec<ContactEmailRow>,
) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(contact_emails::table).values(rows).execute(connection).await.map(drop)
}
