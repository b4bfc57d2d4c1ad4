//! Contacts.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
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

use crate::contact_writes::{add, change, import, lost_race, merge};
use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

#[async_trait]
impl ContactRepository for PostgresStore {
    async fn add_contact(&self, contact: &Contact) -> Result<ContactWrite, RepositoryError> {
        self.write_contact(async |c| c.transaction(async |c| add(c, contact).await).await).await
    }

    async fn find_contact(&self, id: ContactId) -> Result<Option<Contact>, RepositoryError> {
        let select = contacts::table.find(DbId::from(id)).select(ContactRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<ContactRow> = self.connections().run(found).await?;
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
        let rows = self.connections().run(async |c| sql.load(c).await).await?;
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
        self.write_contact(async |c| c.transaction(async |c| change(c, contact).await).await).await
    }

    async fn merge_contacts(
        &self,
        removed: &Contact,
        changed: &Contact,
    ) -> Result<ContactWrite, RepositoryError> {
        let merged = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| merge(c, removed, changed).await).await
        };
        self.write_contact(merged).await
    }

    async fn remove_contact(&self, id: ContactId) -> Result<bool, RepositoryError> {
        let delete = diesel::delete(contacts::table.find(DbId::from(id)));
        Ok(self.act(async |c| delete.execute(c).await, |removed| *removed == 1).await? == 1)
    }

    async fn import_contacts(&self, batch: &ContactBatch) -> Result<(), RepositoryError> {
        let imported =
            async |c: &mut AsyncPgConnection| c.transaction(async |c| import(c, batch).await).await;
        self.try_act(imported, |()| true).await?.map_err(lost_race)
    }
}

impl PostgresStore {
    async fn write_contact(
        &self,
        write: impl AsyncFnOnce(
            &mut AsyncPgConnection,
        ) -> QueryResult<Result<ContactWrite, RepositoryError>>,
    ) -> Result<ContactWrite, RepositoryError> {
        let is_made =
            |write: &Result<ContactWrite, RepositoryError>| matches!(write, Ok(ContactWrite::Made));
        self.try_act(write, is_made).await?.map_err(lost_race)?
    }

    async fn contacts(
        &self,
        sql: Sql<ContactColumnTypes>,
    ) -> Result<Vec<Contact>, RepositoryError> {
        let rows: Vec<ContactRow> = self.connections().run(async |c| sql.load(c).await).await?;
        Ok(rows.into_iter().map(ContactRow::into_contact).collect::<Result<_, _>>()?)
    }
}
