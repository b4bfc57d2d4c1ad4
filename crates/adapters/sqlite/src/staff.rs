//! Members of staff.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_domain::{EmailAddress, StaffId, StaffMember};
use engage_repository::{RepositoryError, StaffChange, StaffRepository, UniqueConstraint};
use engage_sql::schema::staff;
use engage_sql::{RevokedTokens, StaffRow, is_active_admin};

use crate::error::{WorkResult, duplicate};
use crate::store::SqliteStore;
use crate::token_removal::remove_tokens;

const ID: (&str, UniqueConstraint) = ("staff.id", UniqueConstraint::StaffId);

const EMAIL: (&str, UniqueConstraint) = ("staff.email", UniqueConstraint::StaffEmail);

#[async_trait]
impl StaffRepository for SqliteStore {
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError> {
        let row = StaffRow::from(member);
        let add = move |connection: &mut SqliteConnection| {
            let added = diesel::insert_into(staff::table).values(&row).execute(connection);
            added.map_err(|error| duplicate(error, &[ID, EMAIL]))
        };
        self.act(add, |_| true).await.map(drop)
    }

    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError> {
        let select = staff::table.find(id.to_string()).select(StaffRow::as_select());
        let found: Option<StaffRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(StaffRow::into_member).transpose()?)
    }

    async fn find_staff_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StaffMember>, RepositoryError> {
        // The column compares case-insensitively.
        let is_theirs = staff::email.eq(email.to_string());
        let select = staff::table.filter(is_theirs).select(StaffRow::as_select());
        let found: Option<StaffRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(StaffRow::into_member).transpose()?)
    }

    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError> {
        let select = staff::table.order_by(staff::id).select(StaffRow::as_select());
        let rows: Vec<StaffRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(rows.into_iter().map(StaffRow::into_member).collect::<Result<_, _>>()?)
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
) -> WorkResult<StaffChange> {
    let id = before.id.as_str();
    let found: Option<StaffRow> =
        staff::table.find(id).select(StaffRow::as_select()).first(connection).optional()?;
    if found.map(StaffRow::into_member).transpose()?.as_ref() != Some(before) {
        return Err(RepositoryError::Conflict.into());
    }
    let others = staff::table.filter(is_active_admin()).filter(staff::id.ne(id));
    let others: i64 = others.count().get_result(connection)?;
    if before.leaves_no_administrator(after, others.unsigned_abs()) {
        return Ok(StaffChange::LastAdmin);
    }
    diesel::update(staff::table.find(id))
        .set(StaffRow::from(after))
        .execute(connection)
        .map_err(|error| duplicate(error, &[EMAIL]))?;
    if before.deactivated_at != after.deactivated_at {
        remove_tokens(connection, id, &RevokedTokens::All)?;
    }
    Ok(StaffChange::Made)
}
