//! What stands in the table of members of staff.

use diesel::prelude::*;
use engage_domain::{StaffMember, StaffRef, Timestamp};

use crate::case_rows::{parse, parse_option};
use crate::error::InvalidColumn;
use crate::schema::staff;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = staff, treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub(crate) struct StaffRow {
    #[diesel(skip_update)]
    id: String,
    name: String,
    email: String,
    role: String,
    department: Option<String>,
    phone: Option<String>,
    #[diesel(skip_update)]
    created_at: i64,
    deactivated_at: Option<i64>,
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
            created_at: member.created_at.as_millis(),
            deactivated_at: member.deactivated_at.map(Timestamp::as_millis),
        }
    }
}

impl StaffRow {
    pub(crate) fn into_member(self) -> Result<StaffMember, InvalidColumn> {
        Ok(StaffMember {
            id: parse(&self.id, "staff id")?,
            name: parse(&self.name, "staff name")?,
            email: parse(&self.email, "staff email")?,
            role: parse(&self.role, "role")?,
            department: parse_option(self.department.as_deref(), "department")?,
            phone: parse_option(self.phone.as_deref(), "phone")?,
            created_at: Timestamp::from_millis(self.created_at),
            deactivated_at: self.deactivated_at.map(Timestamp::from_millis),
        })
    }
}

/// An id with the name it belongs to, where a case has an assignee.
pub(crate) fn staff_ref(
    columns: Option<(String, String)>,
) -> Result<Option<StaffRef>, InvalidColumn> {
    columns
        .map(|(id, name)| {
            Ok(StaffRef { id: parse(&id, "staff id")?, name: parse(&name, "staff name")? })
        })
        .transpose()
}
