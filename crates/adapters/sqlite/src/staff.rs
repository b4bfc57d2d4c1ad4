//! Members of staff.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember};
use engage_repository::{RepositoryError, StaffChange, StaffRepository, UniqueConstraint};
use engage_sql::schema::staff;
use engage_sql::{RevokedTokens, StaffRow, repository_error};

use crate::error::violates;
use crate::store::SqliteStore;
use crate::token_removal::remove_tokens;

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
                    Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffId })
                }
                Err(error) if violates(&error, "staff.email") => {
                    Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffEmail })
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
                // The column compares case-insensitively.
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
            return Err(RepositoryError::Duplicate { constraint: UniqueConstraint::StaffEmail });
        }
        Err(error) => return Err(repository_error(error)),
    }
    if before.deactivated_at != after.deactivated_at {
        remove_tokens(connection, id, &RevokedTokens::All).map_err(repository_error)?;
    }
    Ok(StaffChange::Made)
}
