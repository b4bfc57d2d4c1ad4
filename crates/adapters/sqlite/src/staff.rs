//! Members of staff.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember, StaffRef, Timestamp};
use engage_repository::{RepositoryError, StaffChange, StaffRepository};

use crate::case_rows::{parse, parse_option};
use crate::error::{InvalidColumn, repository_error, violates};
use crate::schema::staff;
use crate::store::SqliteStore;
use crate::token_removal::{Doomed, remove_tokens};

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

#[async_trait]
impl StaffRepository for SqliteStore {
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError> {
        let row = StaffRow::from(member);
        self.act(
            move |connection| match diesel::insert_into(staff::table)
                .values(&row)
                .execute(connection)
            {
                Ok(_) => Ok(()),
                Err(error) if violates(&error, "staff.id") => {
                    Err(RepositoryError::Duplicate { key: "staff_id" })
                }
                Err(error) if violates(&error, "staff.email") => {
                    Err(RepositoryError::Duplicate { key: "staff_email" })
                }
                Err(error) => Err(repository_error(error)),
            },
            |()| true,
        )
        .await
    }

    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError> {
        let id = id.to_string();
        self.readers()
            .read(move |connection| {
                let found = staff::table
                    .find(id)
                    .select(StaffRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(StaffRow::into_member).transpose()?)
            })
            .await
    }

    async fn find_staff_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StaffMember>, RepositoryError> {
        let email = email.to_string();
        self.readers()
            .read(move |connection| {
                // The column compares without regard to case.
                let found = staff::table
                    .filter(staff::email.eq(email))
                    .select(StaffRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(StaffRow::into_member).transpose()?)
            })
            .await
    }

    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError> {
        self.readers()
            .read(|connection| {
                let rows = staff::table
                    .order_by(staff::id)
                    .select(StaffRow::as_select())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(rows.into_iter().map(StaffRow::into_member).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn change_staff(
        &self,
        before: &StaffMember,
        after: &StaffMember,
    ) -> Result<StaffChange, RepositoryError> {
        let (before, after) = (before.clone(), after.clone());
        let is_made = |change: &StaffChange| *change == StaffChange::Made;
        self.act(move |connection| change(connection, &before, &after), is_made).await
    }
}

fn change(
    connection: &mut SqliteConnection,
    before: &StaffMember,
    after: &StaffMember,
) -> Result<StaffChange, RepositoryError> {
    let id = before.id.as_str();
    let found: Option<StaffRow> = staff::table
        .find(id)
        .select(StaffRow::as_select())
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    if found.map(StaffRow::into_member).transpose()?.as_ref() != Some(before) {
        return Err(RepositoryError::Conflict);
    }
    if before.is_active_admin() && !after.is_active_admin() {
        let others = staff::table
            .filter(staff::role.eq(Role::Admin.as_str()))
            .filter(staff::deactivated_at.is_null())
            .filter(staff::id.ne(id));
        let is_alone = !diesel::select(diesel::dsl::exists(others))
            .get_result::<bool>(connection)
            .map_err(repository_error)?;
        if is_alone {
            return Ok(StaffChange::LastAdmin);
        }
    }
    match diesel::update(staff::table.find(id)).set(StaffRow::from(after)).execute(connection) {
        Ok(_) => {}
        Err(error) if violates(&error, "staff.email") => {
            return Err(RepositoryError::Duplicate { key: "staff_email" });
        }
        Err(error) => return Err(repository_error(error)),
    }
    if before.deactivated_at != after.deactivated_at {
        remove_tokens(connection, id, &Doomed::All).map_err(repository_error)?;
    }
    Ok(StaffChange::Made)
}
