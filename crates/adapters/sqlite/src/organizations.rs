//! Organizations of customers.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::organization::DomainName;
use engage_domain::{CustomerOrganization, OrganizationId};
use engage_repository::{
    OrganizationFilter, OrganizationRepository, OrganizationWrite, RepositoryError,
};
use engage_sql::schema::organizations;
use engage_sql::{
    DbId, OrganizationColumnTypes, OrganizationRow, organization_criteria, select_organizations,
};

use crate::organization_writes::{add, change};
use crate::sql::{Sql, push_criteria};
use crate::store::SqliteStore;

#[async_trait]
impl OrganizationRepository for SqliteStore {
    async fn add_organization(
        &self,
        organization: &CustomerOrganization,
    ) -> Result<OrganizationWrite, RepositoryError> {
        let organization = organization.clone();
        self.act(move |connection| add(connection, &organization), is_made).await
    }

    async fn find_organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<CustomerOrganization>, RepositoryError> {
        let select = organizations::table.find(DbId::from(id)).select(OrganizationRow::as_select());
        let found: Option<OrganizationRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(OrganizationRow::into_organization).transpose()?)
    }

    async fn find_organization_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<CustomerOrganization>, RepositoryError> {
        let filter =
            OrganizationFilter { domain: Some(domain.clone()), ..OrganizationFilter::default() };
        let mut sql = select_organizations();
        push_criteria(&mut sql, organization_criteria(&filter, None));
        Ok(self.organizations(sql).await?.pop())
    }

    async fn known_organizations(
        &self,
        ids: &[OrganizationId],
    ) -> Result<Vec<OrganizationId>, RepositoryError> {
        let ids: Vec<DbId<OrganizationId>> = ids.iter().copied().map(DbId::from).collect();
        let select = organizations::table.filter(organizations::id.eq_any(ids));
        let select = select.select(organizations::id);
        let found: Vec<DbId<OrganizationId>> =
            self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(found.into_iter().map(DbId::get).collect())
    }

    async fn list_organizations(
        &self,
        filter: &OrganizationFilter,
        after: Option<OrganizationId>,
        limit: NonZeroU32,
    ) -> Result<Vec<CustomerOrganization>, RepositoryError> {
        let mut sql = select_organizations();
        push_criteria(&mut sql, organization_criteria(filter, after));
        sql.push(" ORDER BY id LIMIT ").bind(i64::from(limit.get()));
        self.organizations(sql).await
    }

    async fn change_organization(
        &self,
        organization: &CustomerOrganization,
    ) -> Result<OrganizationWrite, RepositoryError> {
        let organization = organization.clone();
        self.act(move |connection| change(connection, &organization), is_made).await
    }

    async fn remove_organization(&self, id: OrganizationId) -> Result<bool, RepositoryError> {
        let remove = move |connection: &mut SqliteConnection| {
            Ok(diesel::delete(organizations::table.find(DbId::from(id))).execute(connection)?)
        };
        Ok(self.act(remove, |removed| *removed == 1).await? == 1)
    }
}

fn is_made(write: &OrganizationWrite) -> bool {
    *write == OrganizationWrite::Made
}

impl SqliteStore {
    async fn organizations(
        &self,
        sql: Sql<OrganizationColumnTypes>,
    ) -> Result<Vec<CustomerOrganization>, RepositoryError> {
        let rows: Vec<OrganizationRow> = self.readers().read(move |c| Ok(sql.load(c)?)).await?;
        Ok(rows.into_iter().map(OrganizationRow::into_organization).collect::<Result<_, _>>()?)
    }
}
