//! Statements about organizations, to which each store adds criteria as its database compares.

use engage_domain::OrganizationId;
use engage_domain::organization::OrganizationDomains;
use engage_repository::{OrganizationFilter, OrganizationWrite};

use crate::column::parse;
use crate::criterion::Criterion;
use crate::db_id::DbId;
use crate::error::InvalidColumn;
use crate::organization_row::OrganizationColumnTypes;
use crate::sql_types::{SqlId, Text};
use crate::statement::Statement;

const SELECT: &str = "
    SELECT id, version, name, domains, customer_type, notes, sla_override, search_text, created_at
    FROM organizations WHERE true";

/// Begins a statement that selects organizations, to which criteria can be added.
pub fn select_organizations() -> Statement<OrganizationColumnTypes> {
    Statement::new(SELECT)
}

/// Begins a statement that selects the domains, and their organizations, that organizations other
/// than this one have. A criterion for the domains has to be added.
pub fn select_taken_domains(own: OrganizationId) -> Statement<(Text, SqlId)> {
    let mut sql =
        Statement::new("SELECT domain, organization_id FROM organization_domains WHERE true");
    sql.push(" AND organization_id <> ").bind(DbId::from(own));
    sql
}

/// The criterion that a domain is one of these.
pub fn has_domain(domains: &OrganizationDomains) -> Criterion {
    let wanted = domains.iter().map(ToString::to_string).collect();
    Criterion::Texts { column: "organization_domains.domain", wanted }
}

/// Converts a row of a domain that another organization has.
pub fn taken_domain(
    row: (String, DbId<OrganizationId>),
) -> Result<OrganizationWrite, InvalidColumn> {
    let (domain, organization) = row;
    Ok(OrganizationWrite::DomainTaken { domain: parse(&domain, "domain")?, by: organization.get() })
}

/// Returns the criteria of a list of organizations that starts after one.
pub fn organization_criteria(
    filter: &OrganizationFilter,
    after: Option<OrganizationId>,
) -> Vec<Criterion> {
    let OrganizationFilter { text, domain, notes } = filter;
    let mut criteria = Vec::new();
    if let Some(after) = after {
        criteria.push(Criterion::sql("organizations.id > ?", [DbId::from(after).into()]));
    }
    if let Some(domain) = domain {
        let has = "organizations.id IN
            (SELECT organization_id FROM organization_domains WHERE domain = ?)";
        criteria.push(Criterion::sql(has, [domain.as_str().into()]));
    }
    if let Some(text) = notes {
        let text = text.clone();
        criteria.push(Criterion::Contains { column: "organizations.notes", text });
    }
    if let Some(text) = text {
        let text = text.as_str().to_lowercase();
        criteria.push(Criterion::Contains { column: "organizations.search_text", text });
    }
    criteria
}
