//! Writes of organizations, each in a transaction. What others write meanwhile is found by constraints.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CustomerOrganization, OrganizationId};
use engage_repository::{OrganizationWrite, RepositoryError};
use engage_sql::schema::{organization_domains, organizations};
use engage_sql::{
    DbId, OrganizationDomainRow, OrganizationRow, has_domain, repository_error,
    select_taken_domains, taken_domain,
};

use crate::error::violates;
use crate::sql::push_criteria;

/// The result of a write. An error of the outer kind rolls the transaction back.
type Written = QueryResult<Result<OrganizationWrite, RepositoryError>>;

/// Converts an error of a write. One that lost a race against another write is a conflict.
pub(crate) fn lost_race(error: DieselError) -> RepositoryError {
    let is_conflict = matches!(error, DieselError::RollbackTransaction)
        || violates(&error, "organization_domains_pkey");
    if is_conflict { RepositoryError::Conflict } else { repository_error(error) }
}

pub(crate) async fn add(
    connection: &mut AsyncPgConnection,
    organization: &CustomerOrganization,
) -> Written {
    if let Some(taken) = taken(connection, organization).await? {
        return Ok(taken);
    }
    let row = OrganizationRow::from(organization);
    diesel::insert_into(organizations::table).values(&row).execute(connection).await?;
    insert_domains(connection, organization).await?;
    Ok(Ok(OrganizationWrite::Made))
}

pub(crate) async fn change(
    connection: &mut AsyncPgConnection,
    organization: &CustomerOrganization,
) -> Written {
    if let Some(taken) = taken(connection, organization).await? {
        return Ok(taken);
    }
    let row = OrganizationRow::from(organization);
    let before =
        organizations::table.find(row.id).filter(organizations::version.eq(row.version_before()));
    if diesel::update(before).set(&row).execute(connection).await? != 1 {
        return Err(DieselError::RollbackTransaction);
    }
    let theirs = organization_domains::organization_id.eq(row.id);
    diesel::delete(organization_domains::table.filter(theirs)).execute(connection).await?;
    insert_domains(connection, organization).await?;
    Ok(Ok(OrganizationWrite::Made))
}

/// Returns the first of the domains that another organization has.
async fn taken(
    connection: &mut AsyncPgConnection,
    organization: &CustomerOrganization,
) -> QueryResult<Option<Result<OrganizationWrite, RepositoryError>>> {
    if organization.domains.as_slice().is_empty() {
        return Ok(None);
    }
    let mut sql = select_taken_domains(organization.id);
    push_criteria(&mut sql, [has_domain(&organization.domains)]);
    sql.push(" ORDER BY domain LIMIT 1");
    let found: Option<(String, DbId<OrganizationId>)> =
        sql.get_result(connection).await.optional()?;
    Ok(found.map(|row| taken_domain(row).map_err(RepositoryError::from)))
}

async fn insert_domains(
    connection: &mut AsyncPgConnection,
    organization: &CustomerOrganization,
) -> QueryResult<()> {
    let rows = OrganizationDomainRow::of(organization);
    if rows.is_empty() {
        return Ok(());
    }
    let insert = diesel::insert_into(organization_domains::table).values(&rows);
    insert.execute(connection).await.map(drop)
}
