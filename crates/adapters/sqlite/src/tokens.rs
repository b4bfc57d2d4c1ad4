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
use engage_sql::schema::staff_tokens;
use engage_sql::{
    DbId, DbTimestamp, RevokedTokens, StaffRow, TokenRow, found_token, removed_token,
    removed_tokens_of, valid_tokens,
};

use crate::error::{WorkResult, duplicate};
use crate::store::SqliteStore;
use crate::token_removal::remove_tokens;

const SECRET: (&str, UniqueConstraint) = ("staff_tokens.hash", UniqueConstraint::Token);

/// Finds a token by one of its secrets: the current one, or a superseded one that is still accepted.
fn find(
    connection: &mut SqliteConnection,
    hash: &[u8],
    now: DbTimestamp,
) -> WorkResult<Option<FoundToken>> {
    let found: Option<(TokenRow, StaffRow)> = valid_tokens(now)
        .filter(staff_tokens::hash.eq(hash))
        .select((TokenRow::as_select(), StaffRow::as_select()))
        .first(connection)
        .optional()?;
    if let Some((token, owner)) = found {
        return Ok(Some(found_token(token, owner, None)?));
    }
    let found: Option<(TokenRow, StaffRow, Option<DbTimestamp>)> = valid_tokens(now)
        .filter(staff_tokens::superseded_hash.eq(hash))
        .filter(staff_tokens::superseded_until.assume_not_null().gt(now))
        .select((TokenRow::as_select(), StaffRow::as_select(), staff_tokens::superseded_until))
        .first(connection)
        .optional()?;
    Ok(found.map(|(token, owner, until)| found_token(token, owner, until)).transpose()?)
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let (row, hash) = (TokenRow::from(token), hash.0.to_vec());
        let add = move |connection: &mut SqliteConnection| {
            if let Some(parent) = row.parent_id() {
                let is_there = diesel::dsl::exists(staff_tokens::table.find(parent));
                if !diesel::select(is_there).get_result::<bool>(connection)? {
                    return Err(RepositoryError::Conflict.into());
                }
            }
            diesel::insert_into(staff_tokens::table)
                .values((&row, staff_tokens::hash.eq(&hash)))
                .execute(connection)
                .map_err(|error| duplicate(error, &[SECRET]))
        };
        self.act(add, |_| true).await.map(drop)
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError> {
        let hash = hash.0.to_vec();
        self.readers().read(move |connection| find(connection, &hash, DbTimestamp(now))).await
    }

    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError> {
        let select = staff_tokens::table
            .filter(staff_tokens::staff_id.eq(staff_id.to_string()))
            .order_by((staff_tokens::created_at, staff_tokens::id))
            .select(TokenRow::as_select());
        let rows: Vec<TokenRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(rows.into_iter().map(TokenRow::into_token).collect::<Result<_, _>>()?)
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
        let rotate = move |connection: &mut SqliteConnection| {
            let theirs = staff_tokens::table.find(id).filter(staff_tokens::staff_id.eq(&staff_id));
            let changed = diesel::update(theirs)
                .set((
                    staff_tokens::superseded_hash.eq(staff_tokens::hash.nullable()),
                    staff_tokens::superseded_until.eq(until),
                    staff_tokens::hash.eq(&hash),
                ))
                .execute(connection);
            changed.map_err(|error| duplicate(error, &[SECRET]))
        };
        Ok(self.act(rotate, |changed| *changed == 1).await? == 1)
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
        let select = removed_tokens_of(staff_id.to_string(), limit.get().into());
        let rows: Vec<(TokenRow, DbTimestamp)> =
            self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(rows.into_iter().map(removed_token).collect::<Result<_, _>>()?)
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let (id, at) = (DbId::from(id), DbTimestamp(at));
        let note = move |connection: &mut SqliteConnection| {
            let is_later = staff_tokens::last_used_at
                .is_null()
                .or(staff_tokens::last_used_at.assume_not_null().lt(at));
            let used = staff_tokens::table.find(id).filter(is_later);
            let update = diesel::update(used).set(staff_tokens::last_used_at.eq(at));
            Ok(update.execute(connection)?)
        };
        self.writer().write(note).await.map(drop)
    }
}

impl SqliteStore {
    async fn remove(
        &self,
        staff_id: &StaffId,
        tokens: RevokedTokens,
    ) -> Result<usize, RepositoryError> {
        let staff_id = staff_id.to_string();
        let remove = move |connection: &mut _| Ok(remove_tokens(connection, &staff_id, &tokens)?);
        self.act(remove, |count| *count > 0).await
    }
}
