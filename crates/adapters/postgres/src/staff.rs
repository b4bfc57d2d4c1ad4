//! Members of staff.

use async_trait::async_trait;
use diesel::define_sql_function;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::{EmailAddress, StaffId, StaffMember};
use engage_repository::{RepositoryError, StaffChange, StaffRepository, UniqueConstraint};
use engage_sql::schema::staff;
use engage_sql::{RevokedTokens, StaffRow, is_active_admin};

use crate::error::duplicate;
use crate::store::PostgresStore;
use crate::token_removal::remove_tokens;

define_sql_function! {
    /// Returns the form of an address that is unique.
    fn lower(text: Text) -> Text;
}

const ID: (&str, UniqueConstraint) = ("staff_pkey", UniqueConstraint::StaffId);

const EMAIL: (&str, UniqueConstraint) = ("staff_email", UniqueConstraint::StaffEmail);

#[async_trait]
impl StaffRepository for PostgresStore {
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError> {
        let row = StaffRow::from(member);
        let insert = diesel::insert_into(staff::table).values(&row);
        let added = self.try_act(async |c| insert.execute(c).await, |_| true).await?;
        added.map(drop).map_err(|error| duplicate(error, &[ID, EMAIL]))
    }

    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError> {
        let select = staff::table.find(id.as_str()).select(StaffRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<StaffRow> = self.connections().run(found).await?;
        Ok(found.map(StaffRow::into_member).transpose()?)
    }

    async fn find_staff_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StaffMember>, RepositoryError> {
        let is_theirs = lower(staff::email).eq(email.normalized());
        let select = staff::table.filter(is_theirs).select(StaffRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<StaffRow> = self.connections().run(found).await?;
        Ok(found.map(StaffRow::into_member).transpose()?)
    }

    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError> {
        let select = staff::table.order_by(staff::id).select(StaffRow::as_select());
        let rows: Vec<StaffRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(StaffRow::into_member).collect::<Result<_, _>>()?)
    }

    async fn change_staff(
        &self,
        before: &StaffMember,
        after: &StaffMember,
    ) -> Result<StaffChange, RepositoryError> {
        let row = StaffRow::from(after);
        let changed = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| change(c, before, after, &row).await).await
        };
        let is_made =
            |change: &Result<StaffChange, RepositoryError>| matches!(change, Ok(StaffChange::Made));
        self.try_act(changed, is_made).await?.map_err(|error| duplicate(error, &[EMAIL]))?
    }
}

/// Locks a member and all active administrators until the end of the transaction. They are locked in one
/// order, so that two of these do not deadlock.
async fn lock(connection: &mut AsyncPgConnection, id: &StaffId) -> QueryResult<Vec<StaffRow>> {
    staff::table
        .filter(staff::id.eq(id.as_str()).or(is_active_admin()))
        .order_by(staff::id)
        .for_no_key_update()
        .select(StaffRow::as_select())
        .load(connection)
        .await
}

async fn change(
    connection: &mut AsyncPgConnection,
    before: &StaffMember,
    after: &StaffMember,
    row: &StaffRow,
) -> QueryResult<Result<StaffChange, RepositoryError>> {
    let locked = lock(connection, &before.id).await?;
    let locked: Result<Vec<_>, _> = locked.into_iter().map(StaffRow::into_member).collect();
    let locked = match locked {
        Ok(locked) => locked,
        Err(invalid) => return Ok(Err(invalid.into())),
    };
    if !locked.contains(before) {
        return Ok(Err(RepositoryError::Conflict));
    }
    let is_another_admin = |one: &&StaffMember| one.id != before.id && one.is_active_admin();
    let others = locked.iter().filter(is_another_admin).count();
    if before.leaves_no_administrator(after, others as u64) {
        return Ok(Ok(StaffChange::LastAdmin));
    }
    diesel::update(staff::table.find(before.id.as_str())).set(row).execute(connection).await?;
    if before.deactivated_at != after.deactivated_at {
        remove_tokens(connection, before.id.as_str(), &RevokedTokens::All).await?;
    }
    Ok(Ok(StaffChange::Made))
}
