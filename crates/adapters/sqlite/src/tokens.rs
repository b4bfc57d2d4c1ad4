//! The tokens of members of staff.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_domain::{StaffId, Timestamp, TokenId};
use engage_repository::{
    FoundToken, RemovedToken, RepositoryError, StaffToken, TokenHash, TokenRepository,
    UniqueConstraint,
};

use crate::case_rows::{id_bits, id_bytes, parse, parse_option};
use crate::error::{InvalidColumn, repository_error, violates};
use crate::schema::{removed_tokens, staff, staff_tokens};
use crate::staff_rows::StaffRow;
use crate::store::SqliteStore;
use crate::token_removal::{Doomed, remove_tokens};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: Vec<u8>,
    staff_id: String,
    name: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    role_ceiling: Option<String>,
    parent_id: Option<Vec<u8>>,
    made_by: Option<String>,
}

impl From<&StaffToken> for TokenRow {
    fn from(token: &StaffToken) -> Self {
        Self {
            id: id_bytes(token.id.as_u128()),
            staff_id: token.staff_id.to_string(),
            name: token.name.as_ref().map(ToString::to_string),
            created_at: token.created_at.as_millis(),
            expires_at: token.expires_at.map(Timestamp::as_millis),
            last_used_at: token.last_used_at.map(Timestamp::as_millis),
            role_ceiling: token.role_ceiling.map(|role| role.to_string()),
            parent_id: token.parent.map(|id| id_bytes(id.as_u128())),
            made_by: token.made_by.as_ref().map(ToString::to_string),
        }
    }
}

impl TokenRow {
    fn into_token(self) -> Result<StaffToken, InvalidColumn> {
        Ok(StaffToken {
            id: TokenId::from_u128(id_bits(&self.id, "token id")?),
            staff_id: parse(&self.staff_id, "staff id")?,
            name: parse_option(self.name.as_deref(), "token name")?,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            last_used_at: self.last_used_at.map(Timestamp::from_millis),
            role_ceiling: parse_option(self.role_ceiling.as_deref(), "role ceiling")?,
            parent: self.parent_id.map(|id| parent(&id)).transpose()?,
            made_by: parse_option(self.made_by.as_deref(), "token maker")?,
        })
    }
}

fn parent(id: &[u8]) -> Result<TokenId, InvalidColumn> {
    id_bits(id, "parent token").map(TokenId::from_u128)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = removed_tokens)]
struct RemovedRow {
    id: Vec<u8>,
    staff_id: String,
    name: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    role_ceiling: Option<String>,
    parent_id: Option<Vec<u8>>,
    made_by: Option<String>,
    removed_at: i64,
}

impl RemovedRow {
    fn into_removed(self) -> Result<RemovedToken, InvalidColumn> {
        let removed_at = Timestamp::from_millis(self.removed_at);
        let row = TokenRow {
            id: self.id,
            staff_id: self.staff_id,
            name: self.name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            role_ceiling: self.role_ceiling,
            parent_id: self.parent_id,
            made_by: self.made_by,
        };
        Ok(RemovedToken { token: row.into_token()?, removed_at })
    }
}

/// Finds by one of the two secrets that a token may have.
fn find(
    connection: &mut SqliteConnection,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<FoundToken>, RepositoryError> {
    let not_expired =
        staff_tokens::expires_at.gt(now.as_millis()).or(staff_tokens::expires_at.is_null());
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
        let (token, owner) = (token.into_token()?, owner.into_member()?);
        return Ok(Some(FoundToken { token, owner, superseded_until: None }));
    }
    let found: Option<(TokenRow, StaffRow, Option<i64>)> = valid
        .filter(staff_tokens::superseded_hash.eq(hash))
        .filter(staff_tokens::superseded_until.assume_not_null().gt(now.as_millis()))
        .select((TokenRow::as_select(), StaffRow::as_select(), staff_tokens::superseded_until))
        .first(connection)
        .optional()
        .map_err(repository_error)?;
    let Some((token, owner, until)) = found else { return Ok(None) };
    let superseded_until = until.map(Timestamp::from_millis);
    Ok(Some(FoundToken {
        token: token.into_token()?,
        owner: owner.into_member()?,
        superseded_until,
    }))
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let (row, hash) = (TokenRow::from(token), hash.0.to_vec());
        self.act(
            move |connection| {
                if let Some(parent) = &row.parent_id {
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
        let (staff_id, id) = (staff_id.to_string(), id_bytes(id.as_u128()));
        let (hash, until) = (hash.0.to_vec(), superseded_until.as_millis());
        self.act(
            move |connection| {
                let theirs =
                    staff_tokens::table.find(&id).filter(staff_tokens::staff_id.eq(&staff_id));
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
        let doomed = Doomed::One(id_bytes(id.as_u128()));
        Ok(self.remove(staff_id, doomed).await? > 0)
    }

    async fn remove_tokens_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
    ) -> Result<u64, RepositoryError> {
        let removed = self.remove(staff_id, Doomed::MadeBy(made_by.to_string())).await?;
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
                let rows: Vec<RemovedRow> = removed_tokens::table
                    .filter(removed_tokens::staff_id.eq(staff_id))
                    .order_by((removed_tokens::removed_at.desc(), removed_tokens::id.desc()))
                    .limit(limit.get().into())
                    .select(RemovedRow::as_select())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(rows.into_iter().map(RemovedRow::into_removed).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let (id, at) = (id_bytes(id.as_u128()), at.as_millis());
        self.writer()
            .write(move |connection| {
                let is_later = staff_tokens::last_used_at
                    .is_null()
                    .or(staff_tokens::last_used_at.assume_not_null().lt(at));
                diesel::update(staff_tokens::table.find(&id).filter(is_later))
                    .set(staff_tokens::last_used_at.eq(at))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }
}

impl SqliteStore {
    async fn remove(&self, staff_id: &StaffId, doomed: Doomed) -> Result<usize, RepositoryError> {
        let staff_id = staff_id.to_string();
        let removed = move |connection: &mut SqliteConnection| {
            remove_tokens(connection, &staff_id, &doomed).map_err(repository_error)
        };
        self.act(removed, |count| *count > 0).await
    }
}
