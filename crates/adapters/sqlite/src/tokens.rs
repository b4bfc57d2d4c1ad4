//! The tokens of members of staff.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{StaffId, StaffMember, Timestamp, TokenId};
use engage_repository::{RepositoryError, StaffToken, TokenHash, TokenRepository};

use crate::case_rows::{id_bits, id_bytes, parse, parse_option};
use crate::error::{InvalidColumn, repository_error, violates};
use crate::schema::{staff, staff_tokens};
use crate::staff::StaffRow;
use crate::store::SqliteStore;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: Vec<u8>,
    staff_id: String,
    name: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
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
        })
    }
}

#[async_trait]
impl TokenRepository for SqliteStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let (row, hash) = (TokenRow::from(token), hash.0.to_vec());
        self.writer()
            .write(move |connection| {
                let insert = diesel::insert_into(staff_tokens::table)
                    .values((&row, staff_tokens::hash.eq(&hash)));
                match insert.execute(connection) {
                    Ok(_) => Ok(()),
                    Err(error) if violates(&error, "staff_tokens.hash") => {
                        Err(RepositoryError::Duplicate { key: "token" })
                    }
                    Err(error) => Err(repository_error(error)),
                }
            })
            .await
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<(StaffToken, StaffMember)>, RepositoryError> {
        let hash = hash.0.to_vec();
        self.readers()
            .read(move |connection| {
                let not_expired = staff_tokens::expires_at
                    .gt(now.as_millis())
                    .or(staff_tokens::expires_at.is_null());
                let found: Option<(TokenRow, StaffRow)> = staff_tokens::table
                    .inner_join(staff::table)
                    .filter(staff_tokens::hash.eq(hash))
                    .filter(not_expired.assume_not_null())
                    .filter(staff::deactivated_at.is_null())
                    .select((TokenRow::as_select(), StaffRow::as_select()))
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                let Some((token, owner)) = found else { return Ok(None) };
                Ok(Some((token.into_token()?, owner.into_member()?)))
            })
            .await
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

    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError> {
        let (staff_id, id) = (staff_id.to_string(), id_bytes(id.as_u128()));
        self.writer()
            .write(move |connection| {
                let theirs =
                    staff_tokens::table.find(&id).filter(staff_tokens::staff_id.eq(&staff_id));
                let removed =
                    diesel::delete(theirs).execute(connection).map_err(repository_error)?;
                Ok(removed == 1)
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
