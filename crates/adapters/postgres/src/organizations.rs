//! Organizations of customers.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::organization::DomainName;
use engage_domain::{CustomerOrganization, OrganizationId};
use engage_repository::{
    OrganizationFilter, OrganizationRepository, OrganizationWrite, RepositoryError,
};
use engage_sql::schema::organizations;
use engage_sql::{
    DbId, OrganizationColumnTypes, OrganizationRow, organization_criteria, select_organizations,
};

use crate::organization_writes::{add, change, lost_race};
use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

#[async_trait]
impl OrganizationRepository for PostgresStore {
    async fn add_organization(
        &self,
        organization: &CustomerOrganization,
    ) -> Result<OrganizationWrite, RepositoryError> {
        let added = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| add(c, organization).await).await
        };
        self.write_organization(added).await
    }

    async fn find_organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<CustomerOrganization>, RepositoryError> {
        let select = organizations::table.find(DbId::from(id)).select(OrganizationRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<OrganizationRow> = self.connections().run(found).await?;
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
            self.connections().run(async |c| select.load(c).await).await?;
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
        let changed = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| change(c, organization).await).await
        };
        self.write_organization(changed).await
    }

    async fn remove_organization(&self, id: OrganizationId) -> Result<bool, RepositoryError> {
        let delete = diesel::delete(organizations::table.find(DbId::from(id)));
        Ok(self.act(async |c| delete.execute(c).await, |removed| *removed == 1).await? == 1)
    }
}

impl PostgresStore {
    async fn write_organization(
        &self,
        write: impl AsyncFnOnce(
            &mut AsyncPgConnection,
        ) -> QueryResult<Result<OrganizationWrite, RepositoryError>>,
    ) -> Result<OrganizationWrite, RepositoryError> {
        let is_made = |write: &Result<OrganizationWrite, RepositoryError>| {
            matches!(write, Ok(OrganizationWrite::Made))
        };
        self.try_act(write, is_made).await?.map_err(lost_race)?
    }

    async fn organizations(
        &self,
        sql: Sql<OrganizationColumnTypes>,
    ) -> Result<Vec<CustomerOrganization>, RepositoryError> {
        let rows: Vec<OrganizationRow> =
            self.connections().run(async |c| sql.load(c).await).await?;
        Ok(rows.into_iter().map(OrganizationRow::into_organization).collect::<Result<_, _>>()?)
    }
}
