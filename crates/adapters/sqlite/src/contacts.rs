//! Contacts.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};
use engage_repository::{
    ContactBatch, ContactFilter, ContactRepository, ContactWrite, OrganizationAddresses,
    RepositoryError,
};
use engage_sql::schema::contacts;
use engage_sql::{
    ContactColumnTypes, ContactRow, DbId, contact_criteria, has_email, organization_addresses,
    select_contacts, select_contacts_by_email, select_organization_addresses,
};

use crate::contact_writes::{add, change, import, merge};
use crate::sql::{Sql, push_criteria};
use crate::store::SqliteStore;

#[async_trait]
impl ContactRepository for SqliteStore {
    async fn add_contact(&self, contact: &Contact) -> Result<ContactWrite, RepositoryError> {
        let contact = contact.clone();
        self.act(move |connection| add(connection, &contact), is_made).await
    }

    async fn find_contact(&self, id: ContactId) -> Result<Option<Contact>, RepositoryError> {
        let select = contacts::table.find(DbId::from(id)).select(ContactRow::as_select());
        let found: Option<ContactRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(ContactRow::into_contact).transpose()?)
    }

    async fn find_contacts_by_email(
        &self,
        emails: &[EmailAddress],
    ) -> Result<Vec<Contact>, RepositoryError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = select_contacts_by_email();
        push_criteria(&mut sql, [has_email(emails)]);
        sql.push(")");
        self.contacts(sql).await
    }

    async fn find_organization_addresses(
        &self,
        organization: OrganizationId,
    ) -> Result<OrganizationAddresses, RepositoryError> {
        let sql = select_organization_addresses(organization);
        let rows = self.readers().read(move |c| Ok(sql.load(c)?)).await?;
        Ok(organization_addresses(rows)?)
    }

    async fn list_contacts(
        &self,
        filter: &ContactFilter,
        after: Option<ContactId>,
        limit: NonZeroU32,
    ) -> Result<Vec<Contact>, RepositoryError> {
        let mut sql = select_contacts();
        push_criteria(&mut sql, contact_criteria(filter, after));
        sql.push(" ORDER BY id LIMIT ").bind(i64::from(limit.get()));
        self.contacts(sql).await
    }

    async fn change_contact(&self, contact: &Contact) -> Result<ContactWrite, RepositoryError> {
        let contact = contact.clone();
        self.act(move |connection| change(connection, &contact), is_made).await
    }

    async fn merge_contacts(
        &self,
        removed: &Contact,
        changed: &Contact,
    ) -> Result<ContactWrite, RepositoryError> {
        let (removed, changed) = (removed.clone(), changed.clone());
        self.act(move |connection| merge(connection, &removed, &changed), is_made).await
    }

    async fn remove_contact(&self, id: ContactId) -> Result<bool, RepositoryError> {
        let remove = move |connection: &mut SqliteConnection| {
            Ok(diesel::delete(contacts::table.find(DbId::from(id))).execute(connection)?)
        };
        Ok(self.act(remove, |removed| *removed == 1).await? == 1)
    }

    async fn import_contacts(&self, batch: &ContactBatch) -> Result<(), RepositoryError> {
        let batch = batch.clone();
        self.act(move |connection| import(connection, &batch), |()| true).await
    }
}

fn is_made(write: &ContactWrite) -> bool {
    *write == ContactWrite::Made
}

impl SqliteStore {
    async fn contacts(
        &self,
        sql: Sql<ContactColumnTypes>,
    ) -> Result<Vec<Contact>, RepositoryError> {
        let rows: Vec<ContactRow> = self.readers().read(move |c| Ok(sql.load(c)?)).await?;
        Ok(rows.into_iter().map(ContactRow::into_contact).collect::<Result<_, _>>()?)
    }
}
