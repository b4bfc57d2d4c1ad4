//! Organizations as rows of the tables `organizations` and `organization_domains`.

use diesel::prelude::*;
use engage_domain::case::Version;
use engage_domain::organization::{DomainName, OrganizationDomains};
use engage_domain::{CustomerOrganization, OrganizationId};

use crate::column::{checked, parse, parse_option};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::{organization_domains, organizations};
use crate::sla_column::{sla_column, sla_targets};
use crate::sql_types::{BigInt, Nullable, SqlId, SqlTimestamp, Text};

/// SQL types of the columns of an [`OrganizationRow`].
pub type OrganizationColumnTypes =
    (SqlId, BigInt, Text, Text, Text, Nullable<Text>, Nullable<Text>, Text, SqlTimestamp);

/// An organization.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations)]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrganizationRow {
    /// Id of the organization.
    #[diesel(skip_update)]
    pub id: DbId<OrganizationId>,
    /// Version of the organization.
    pub version: i64,
    name: String,
    domains: String,
    customer_type: String,
    notes: Option<String>,
    sla_override: Option<String>,
    search_text: String,
    #[diesel(skip_update)]
    created_at: DbTimestamp,
}

impl From<&CustomerOrganization> for OrganizationRow {
    fn from(organization: &CustomerOrganization) -> Self {
        let domains: Vec<&str> = organization.domains.iter().map(DomainName::as_str).collect();
        let name = organization.name.as_str().to_lowercase();
        let searched: Vec<&str> =
            std::iter::once(name.as_str()).chain(domains.iter().copied()).collect();
        Self {
            id: organization.id.into(),
            version: organization.version.get().into(),
            name: organization.name.to_string(),
            search_text: searched.join("\n"),
            domains: domains.join(","),
            customer_type: organization.customer_type.to_string(),
            notes: organization.notes.as_ref().map(ToString::to_string),
            sla_override: organization.sla_override.as_ref().map(sla_column),
            created_at: DbTimestamp(organization.created_at),
        }
    }
}

impl OrganizationRow {
    /// Returns the version that the stored organization has before this row replaces it.
    pub fn version_before(&self) -> i64 {
        self.version - 1
    }

    /// Converts the row to an organization.
    pub fn into_organization(self) -> Result<CustomerOrganization, InvalidColumn> {
        let domains = self.domains.split(',').filter(|domain| !domain.is_empty());
        let domains: Vec<_> =
            domains.map(|domain| parse(domain, "domains")).collect::<Result<_, _>>()?;
        Ok(CustomerOrganization {
            id: self.id.get(),
            version: checked(self.version, Version::new, "version")?,
            name: parse(&self.name, "name")?,
            domains: OrganizationDomains::from_stored(domains),
            customer_type: parse(&self.customer_type, "customer_type")?,
            notes: parse_option(self.notes.as_deref(), "notes")?,
            sla_override: sla_targets(self.sla_override.as_deref(), "sla_override")?,
            created_at: self.created_at.0,
        })
    }
}

/// A domain and the organization that has it.
#[derive(Insertable)]
#[diesel(table_name = organization_domains)]
pub struct OrganizationDomainRow {
    domain: String,
    organization_id: DbId<OrganizationId>,
}

impl OrganizationDomainRow {
    /// Returns the rows of an organization in the order of the domains, so that two commits that add
    /// the same ones do not wait for each other.
    pub fn of(organization: &CustomerOrganization) -> Vec<Self> {
        let mut domains: Vec<&DomainName> = organization.domains.iter().collect();
        domains.sort();
        let row = |domain: &DomainName| Self {
            domain: domain.to_string(),
            organization_id: organization.id.into(),
        };
        domains.into_iter().map(row).collect()
    }
}
