//! Writes of organizations. Everything is checked before anything is written, because other writes
//! share the transaction.

use diesel::prelude::*;
use engage_domain::{CustomerOrganization, OrganizationId};
use engage_repository::{OrganizationWrite, RepositoryError};
use engage_sql::schema::{organization_domains, organizations};
use engage_sql::{
    DbId, OrganizationDomainRow, OrganizationRow, has_domain, select_taken_domains, taken_domain,
};

use crate::error::WorkResult;
use crate::sql::push_criteria;

pub(crate) fn add(
    connection: &mut SqliteConnection,
    organization: &CustomerOrganization,
) -> WorkResult<OrganizationWrite> {
    if let Some(taken) = taken(connection, organization)? {
        return Ok(taken);
    }
    let row = OrganizationRow::from(organization);
    diesel::insert_into(organizations::table).values(&row).execute(connection)?;
    insert_domains(connection, organization)?;
    Ok(OrganizationWrite::Made)
}

pub(crate) fn change(
    connection: &mut SqliteConnection,
    organization: &CustomerOrganization,
) -> WorkResult<OrganizationWrite> {
    let row = OrganizationRow::from(organization);
    let stored = organizations::table.find(row.id).select(organizations::version);
    let stored: Option<i64> = stored.first(connection).optional()?;
    if stored != Some(row.version_before()) {
        return Err(RepositoryError::Conflict.into());
    }
    if let Some(taken) = taken(connection, organization)? {
        return Ok(taken);
    }
    diesel::update(organizations::table.find(row.id)).set(&row).execute(connection)?;
    let theirs = organization_domains::organization_id.eq(row.id);
    diesel::delete(organization_domains::table.filter(theirs)).execute(connection)?;
    insert_domains(connection, organization)?;
    Ok(OrganizationWrite::Made)
}

/// Returns the first of the domains that another organization has.
fn taken(
    connection: &mut SqliteConnection,
    organization: &CustomerOrganization,
) -> WorkResult<Option<OrganizationWrite>> {
    if organization.domains.as_slice().is_empty() {
        return Ok(None);
    }
    let mut sql = select_taken_domains(organization.id);
    push_criteria(&mut sql, [has_domain(&organization.domains)]);
    sql.push(" ORDER BY domain LIMIT 1");
    let found: Option<(String, DbId<OrganizationId>)> = sql.get_result(connection).optional()?;
    Ok(found.map(taken_domain).transpose()?)
}

fn insert_domains(
    connection: &mut SqliteConnection,
    organization: &CustomerOrganization,
) -> QueryResult<()> {
    for row in &OrganizationDomainRow::of(organization) {
        diesel::insert_into(organization_domains::table).values(row).execute(connection)?;
    }
    Ok(())
}
