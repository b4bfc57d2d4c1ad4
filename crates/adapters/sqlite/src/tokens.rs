//! Staff tokens.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_domain::{StaffId, Timestamp, TokenId};
use engage_repository::{
    FoundToken, RemovedToken, RepositoryError, StaffToken, TokenHash, TokenRepository,
    UniqueConstraint,
};
use engage_sql::schema::{removed_tokens, staff, staff_tokens};
use engage_sql::{
    DbId, DbTimestamp, RemovedTokenRow, RevokedTokens, StaffRow, TokenRow, found_token,
    repository_error,
};

use crate::error::violates;
use crate::store::SqliteStore;
use crate::token_removal::remove_tokens;

/// Finds a token by one of its secrets: the current one, or a superseded one that is still accepted.
fn find(
    connection: &mut SqliteConnection,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<FoundToken>, RepositoryError> {
    let now = DbTimestamp(now);
    let not_expired = staff_tokens::expires_at.gt(now).or(staff_tokens::expires_at.is_null());
    let valid = staff_tokens::table
        .inner_join(staff::table)
        .filter(not_expired.assume_not_null())
        .filter(staff::deactivated_at.is_null());
    let found: Option<(TokenRow, StaffRow)> = valid
        .filter(staff_tokens::hash.eq(hash))
        .select((TokenRow::as_select(), StaffRow::as_select()))
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    if let Some((token, owner)) = found {
        return Ok(Some(found_token(token, owner, None)?));
    }
    let found: Option<(TokenRow, StaffRow, Option<DbTimestamp>)> = valid
        .filter(staff_tokens::superseded_hash.eq(hash))
        .filter(staff_tokens::superseded_until.assume_not_null().gt(now))
        .select((TokenRow::as_select(), StaffRow::as_select(), staff_tokens::superseded_until))
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    Ok(found.map(|(token, owner, until)| found_token(token, owner, until)).transpose()?)
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let (row, hash) = (TokenRow::from(token), hash.0.to_vec());
        self.act(
            move |connection| {
                if let Some(parent) = row.parent_id() {
                    let is_there = staff_tokens::table.find(parent);
                    let is_there = diesel::select(diesel::dsl::exists(is_there));
                    if !is_there.get_result::<bool>(connection).map_err(repository_error)? {
                        return Err(RepositoryError::Conflict);
                    }
                }
                let insert = diesel::insert_into(staff_tokens::table)
                    .values((&row, staff_tokens::hash.eq(&hash)));
                match insert.execute(connection) {
                    Ok(_) => Ok(()),
                    Err(error) if violates(&error, "staff_tokens.hash") => {
                        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })
                    }
                    Err(error) => Err(repository_error(error)),
                }
            },
            |()| true,
        )
        .await
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError> {
        let hash = hash.0.to_vec();
        self.readers().read(move |connection| find(connection, &hash, now)).await
    }

    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError> {
        let staff_id = staff_id.to_string();
        self.readers()
            .read(move |connection| {
                let rows: Vec<TokenRow> = staff_tokens::table
                    .filter(staff_tokens::staff_id.eq(staff_id))
                    .order_by((staff_tokens::created_at, staff_tokens::id))
                    .select(TokenRow::as_select())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(rows.into_iter().map(TokenRow::into_token).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn rotate_token(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        hash: &TokenHash,
        superseded_until: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let (staff_id, id) = (staff_id.to_string(), DbId::from(id));
        let (hash, until) = (hash.0.to_vec(), DbTimestamp(superseded_until));
        self.act(
            move |connection| {
                let theirs =
                    staff_tokens::table.find(id).filter(staff_tokens::staff_id.eq(&staff_id));
                let update = diesel::update(theirs).set((
                    staff_tokens::superseded_hash.eq(staff_tokens::hash.nullable()),
                    staff_tokens::superseded_until.eq(until),
                    staff_tokens::hash.eq(&hash),
                ));
                match update.execute(connection) {
                    Ok(changed) => Ok(changed == 1),
                    Err(error) if violates(&error, "staff_tokens.hash") => {
                        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })
                    }
                    Err(error) => Err(repository_error(error)),
                }
            },
            |is_changed| *is_changed,
        )
        .await
    }

    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError> {
        Ok(self.remove(staff_id, RevokedTokens::One(id)).await? > 0)
    }

    async fn remove_tokens_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
    ) -> Result<u64, RepositoryError> {
        let removed = self.remove(staff_id, RevokedTokens::MadeBy(made_by.to_string())).await?;
        u64::try_from(removed).map_err(RepositoryError::internal)
    }

    async fn list_removed_tokens(
        &self,
        staff_id: &StaffId,
        limit: NonZeroU32,
    ) -> Result<Vec<RemovedToken>, RepositoryError> {
        let staff_id = staff_id.to_string();
        self.readers()
            .read(move |connection| {
                let rows: Vec<RemovedTokenRow> = removed_tokens::table
                    .filter(removed_tokens::staff_id.eq(staff_id))
                    .order_by((removed_tokens::removed_at.desc(), removed_tokens::id.desc()))
                    .limit(limit.get().into())
                    .select(RemovedTokenRow::as_select())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(rows.into_iter().map(RemovedTokenRow::into_removed).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let (id, at) = (DbId::from(id), DbTimestamp(at));
        self.writer()
            .write(move |connection| {
                let is_later = staff_tokens::last_used_at
                    .is_null()
                    .or(staff_tokens::last_used_at.assume_not_null().lt(at));
                diesel::update(staff_tokens::table.find(id).filter(is_later))
                    .set(staff_tokens::last_used_at.eq(at))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }
}

impl SqliteStore {
    async fn remove(
        &self,
        staff_id: &StaffId,
        tokens: RevokedTokens,
    ) -> Result<usize, RepositoryError> {
        let staff_id = staff_id.to_string();
        let removed = move |connection: &mut SqliteConnection| {
            remove_tokens(connection, &staff_id, &tokens).map_err(repository_error)
        };
        self.act(removed, |count| *count > 0).await
    }
}
