//! Members of staff as rows of the table `staff`.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::{Role, StaffMember, StaffRef};

use crate::column::{parse, parse_option};
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::staff;

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
}

impl From<&StaffMember> for StaffRow {
    fn from(member: &StaffMember) -> Self {
        Self {
            id: member.id.to_string(),
            name: member.name.to_string(),
            email: member.email.to_string(),
            role: member.role.to_string(),
            department: member.department.as_ref().map(ToString::to_string),
            phone: member.phone.as_ref().map(ToString::to_string),
            created_at: DbTimestamp(member.created_at),
            deactivated_at: member.deactivated_at.map(DbTimestamp),
        }
    }
}

impl StaffRow {
    /// Converts the row to a member of staff.
    pub fn into_member(self) -> Result<StaffMember, InvalidColumn> {
        Ok(StaffMember {
            id: parse(&self.id, "staff id")?,
            name: parse(&self.name, "staff name")?,
            email: parse(&self.email, "staff email")?,
            role: parse(&self.role, "role")?,
            department: parse_option(self.department.as_deref(), "department")?,
            phone: parse_option(self.phone.as_deref(), "phone")?,
            created_at: self.created_at.0,
            deactivated_at: self.deactivated_at.map(|at| at.0),
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
