//! The tokens of members of staff.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{StaffId, StaffMember, Timestamp, TokenId};
use engage_repository::{RepositoryError, StaffToken, TokenHash, TokenRepository};
use uuid::Uuid;

use crate::case_rows::{parse, parse_option};
use crate::error::{InvalidColumn, repository_error, violates};
use crate::instant::Instant;
use crate::schema::{staff, staff_tokens};
use crate::staff::StaffRow;
use crate::store::PostgresStore;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: Uuid,
    staff_id: String,
    name: Option<String>,
    created_at: Instant,
    expires_at: Option<Instant>,
    last_used_at: Option<Instant>,
}

impl From<&StaffToken> for TokenRow {
    fn from(token: &StaffToken) -> Self {
        Self {
            id: Uuid::from_u128(token.id.as_u128()),
            staff_id: token.staff_id.to_string(),
            name: token.name.as_ref().map(ToString::to_string),
            created_at: Instant(token.created_at),
            expires_at: token.expires_at.map(Instant),
            last_used_at: token.last_used_at.map(Instant),
        }
    }
}

impl TokenRow {
    fn into_token(self) -> Result<StaffToken, InvalidColumn> {
        Ok(StaffToken {
            id: TokenId::from_u128(self.id.as_u128()),
            staff_id: parse(&self.staff_id, "staff id")?,
            name: parse_option(self.name.as_deref(), "token name")?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            last_used_at: self.last_used_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl TokenRepository for PostgresStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let row = TokenRow::from(token);
        let insert = diesel::insert_into(staff_tokens::table)
            .values((&row, staff_tokens::hash.eq(hash.0.to_vec())));
        match self.connections().try_run(async |c| insert.execute(c).await).await? {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, "staff_tokens_hash") => {
                Err(RepositoryError::Duplicate { key: "token" })
            }
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<(StaffToken, StaffMember)>, RepositoryError> {
        let not_expired =
            staff_tokens::expires_at.gt(Instant(now)).or(staff_tokens::expires_at.is_null());
        let select = staff_tokens::table
            .inner_join(staff::table)
            .filter(staff_tokens::hash.eq(hash.0.to_vec()))
            .filter(not_expired.assume_not_null())
            .filter(staff::deactivated_at.is_null())
            .select((TokenRow::as_select(), StaffRow::as_select()));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(TokenRow, StaffRow)> = self.connections().run(found).await?;
        let Some((token, owner)) = found else { return Ok(None) };
        Ok(Some((token.into_token()?, owner.into_member()?)))
    }

    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError> {
        let select = staff_tokens::table
            .filter(staff_tokens::staff_id.eq(staff_id.as_str()))
            .order_by((staff_tokens::created_at, staff_tokens::id))
            .select(TokenRow::as_select());
        let rows: Vec<TokenRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(TokenRow::into_token).collect::<Result<_, _>>()?)
    }

    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError> {
        let theirs = staff_tokens::table
            .find(Uuid::from_u128(id.as_u128()))
            .filter(staff_tokens::staff_id.eq(staff_id.as_str()));
        let delete = diesel::delete(theirs);
        Ok(self.connections().run(async |c| delete.execute(c).await).await? == 1)
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let is_later = staff_tokens::last_used_at
            .is_null()
            .or(staff_tokens::last_used_at.assume_not_null().lt(Instant(at)));
        let used = staff_tokens::table.find(Uuid::from_u128(id.as_u128())).filter(is_later);
        let update = diesel::update(used).set(staff_tokens::last_used_at.eq(Instant(at)));
        self.connections().run(async |c| update.execute(c).await).await?;
        Ok(())
    }
}
