//! Members of staff as rows of the table `staff`.
//!
//! The row of a machine is that of an agent who has left, so that programs of earlier releases give
//! it no rights. The column `service` tells it apart.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::staff::ServiceAccess;
use engage_domain::{Role, StaffMember, StaffRef};

use crate::column::{parse, parse_option};
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::staff;
use crate::service_column::{service_access, service_column};

/// A member of staff.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = staff, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct StaffRow {
    #[diesel(skip_update)]
    id: String,
    name: String,
    email: String,
    role: String,
    department: Option<String>,
    phone: Option<String>,
    #[diesel(skip_update)]
    created_at: DbTimestamp,
    deactivated_at: Option<DbTimestamp>,
    service: Option<String>,
    service_deactivated_at: Option<DbTimestamp>,
}

/// Role in the row of a machine.
const ROLE_OF_SERVICE: Role = Role::Agent;

impl From<&StaffMember> for StaffRow {
    fn from(member: &StaffMember) -> Self {
        let is_service = member.is_service();
        let role = if is_service { ROLE_OF_SERVICE } else { member.role };
        let left = member.deactivated_at.map(DbTimestamp);
        let (deactivated_at, service_deactivated_at) =
            if is_service { (Some(DbTimestamp(member.created_at)), left) } else { (left, None) };
        Self {
            id: member.id.to_string(),
            name: member.name.to_string(),
            email: member.email.to_string(),
            role: role.to_string(),
            department: member.department.as_ref().map(ToString::to_string),
            phone: member.phone.as_ref().map(ToString::to_string),
            created_at: DbTimestamp(member.created_at),
            deactivated_at,
            service: is_service.then(|| service_column(&member.service)),
            service_deactivated_at,
        }
    }
}

impl StaffRow {
    /// Converts the row to a member of staff.
    pub fn into_member(self) -> Result<StaffMember, InvalidColumn> {
        let (role, deactivated_at, service) = match &self.service {
            Some(json) => (Role::Service, self.service_deactivated_at, service_access(json)?),
            None => (parse(&self.role, "role")?, self.deactivated_at, ServiceAccess::default()),
        };
        Ok(StaffMember {
            id: parse(&self.id, "staff id")?,
            name: parse(&self.name, "staff name")?,
            email: parse(&self.email, "staff email")?,
            role,
            department: parse_option(self.department.as_deref(), "department")?,
            phone: parse_option(self.phone.as_deref(), "phone")?,
            created_at: self.created_at.0,
            deactivated_at: deactivated_at.map(|at| at.0),
            service,
        })
    }
}

/// The condition that a member is an active administrator.
#[auto_type(no_type_alias)]
pub fn is_active_admin() -> _ {
    let admin: &'static str = Role::Admin.as_str();
    staff::role.eq(admin).and(staff::deactivated_at.is_null())
}

/// Reads the id and name of a case's assignee, if it has one.
pub fn staff_ref(columns: Option<(String, String)>) -> Result<Option<StaffRef>, InvalidColumn> {
    let read = |(id, name): (String, String)| {
        Ok(StaffRef { id: parse(&id, "staff id")?, name: parse(&name, "staff name")? })
    };
    columns.map(read).transpose()
}
