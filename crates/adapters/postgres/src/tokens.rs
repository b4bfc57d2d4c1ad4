//! The tokens of members of staff.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{StaffId, Timestamp, TokenId};
use engage_repository::{
    FoundToken, RemovedToken, RepositoryError, StaffToken, TokenHash, TokenRepository,
    UniqueConstraint,
};
use uuid::Uuid;

use crate::case_rows::{parse, parse_option};
use crate::db_timestamp::DbTimestamp;
use crate::error::{InvalidColumn, refers_to_nothing, repository_error, violates};
use crate::schema::{removed_tokens, staff, staff_tokens};
use crate::staff_rows::StaffRow;
use crate::store::PostgresStore;
use crate::token_removal::{Doomed, remove_tokens};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: Uuid,
    staff_id: String,
    name: Option<String>,
    created_at: DbTimestamp,
    expires_at: Option<DbTimestamp>,
    last_used_at: Option<DbTimestamp>,
    role_ceiling: Option<String>,
    parent_id: Option<Uuid>,
    made_by: Option<String>,
}

impl From<&StaffToken> for TokenRow {
    fn from(token: &StaffToken) -> Self {
        Self {
            id: Uuid::from_u128(token.id.as_u128()),
            staff_id: token.staff_id.to_string(),
            name: token.name.as_ref().map(ToString::to_string),
            created_at: DbTimestamp(token.created_at),
            expires_at: token.expires_at.map(DbTimestamp),
            last_used_at: token.last_used_at.map(DbTimestamp),
            role_ceiling: token.role_ceiling.map(|role| role.to_string()),
            parent_id: token.parent.map(|id| Uuid::from_u128(id.as_u128())),
            made_by: token.made_by.as_ref().map(ToString::to_string),
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
            role_ceiling: parse_option(self.role_ceiling.as_deref(), "role ceiling")?,
            parent: self.parent_id.map(|id| TokenId::from_u128(id.as_u128())),
            made_by: parse_option(self.made_by.as_deref(), "token maker")?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = removed_tokens)]
struct RemovedRow {
    id: Uuid,
    staff_id: String,
    name: Option<String>,
    created_at: DbTimestamp,
    expires_at: Option<DbTimestamp>,
    last_used_at: Option<DbTimestamp>,
    role_ceiling: Option<String>,
    parent_id: Option<Uuid>,
    made_by: Option<String>,
    removed_at: DbTimestamp,
}

impl RemovedRow {
    fn into_removed(self) -> Result<RemovedToken, InvalidColumn> {
        let removed_at = self.removed_at.0;
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

#[async_trait]
impl TokenRepository for PostgresStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let row = TokenRow::from(token);
        let insert = diesel::insert_into(staff_tokens::table)
            .values((&row, staff_tokens::hash.eq(hash.0.to_vec())));
        match self.try_act(async |c| insert.execute(c).await, |_| true).await? {
            Ok(_) => Ok(()),
            Err(error) if violates(&error, "staff_tokens_hash") => {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })
            }
            Err(error) if refers_to_nothing(&error, "staff_tokens_parent_id_fkey") => {
                Err(RepositoryError::Conflict)
            }
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError> {
        let hash = hash.0.to_vec();
        let not_expired =
            staff_tokens::expires_at.gt(DbTimestamp(now)).or(staff_tokens::expires_at.is_null());
        let valid = staff_tokens::table
            .inner_join(staff::table)
            .filter(not_expired.assume_not_null())
            .filter(staff::deactivated_at.is_null());
        let select = valid
            .filter(staff_tokens::hash.eq(&hash))
            .select((TokenRow::as_select(), StaffRow::as_select()));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(TokenRow, StaffRow)> = self.connections().run(found).await?;
        if let Some((token, owner)) = found {
            let (token, owner) = (token.into_token()?, owner.into_member()?);
            return Ok(Some(FoundToken { token, owner, superseded_until: None }));
        }
        let select = valid
            .filter(staff_tokens::superseded_hash.eq(&hash))
            .filter(staff_tokens::superseded_until.assume_not_null().gt(DbTimestamp(now)))
            .select((TokenRow::as_select(), StaffRow::as_select(), staff_tokens::superseded_until));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(TokenRow, StaffRow, Option<DbTimestamp>)> =
            self.connections().run(found).await?;
        let Some((token, owner, until)) = found else { return Ok(None) };
        let (token, owner) = (token.into_token()?, owner.into_member()?);
        Ok(Some(FoundToken { token, owner, superseded_until: until.map(|at| at.0) }))
    }

    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError> {
        let select = staff_tokens::table
            .filter(staff_tokens::staff_id.eq(staff_id.as_str()))
            .order_by((staff_tokens::created_at, staff_tokens::id))
            .select(TokenRow::as_select());
        let rows: Vec<TokenRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(TokenRow::into_token).collect::<Result<_, _>>()?)
    }

    async fn rotate_token(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        hash: &TokenHash,
        superseded_until: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let theirs = staff_tokens::table
            .find(Uuid::from_u128(id.as_u128()))
            .filter(staff_tokens::staff_id.eq(staff_id.as_str()));
        let update = diesel::update(theirs).set((
            staff_tokens::superseded_hash.eq(staff_tokens::hash.nullable()),
            staff_tokens::superseded_until.eq(DbTimestamp(superseded_until)),
            staff_tokens::hash.eq(hash.0.to_vec()),
        ));
        match self.try_act(async |c| update.execute(c).await, |changed| *changed == 1).await? {
            Ok(changed) => Ok(changed == 1),
            Err(error) if violates(&error, "staff_tokens_hash") => {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Token })
            }
            Err(error) => Err(repository_error(error)),
        }
    }

    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError> {
        let doomed = Doomed::One(Uuid::from_u128(id.as_u128()));
        let removal = async |c: &mut _| remove_tokens(c, staff_id.as_str(), &doomed).await;
        Ok(self.act(removal, |count: &usize| *count > 0).await? > 0)
    }

    async fn remove_tokens_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
    ) -> Result<u64, RepositoryError> {
        let doomed = Doomed::MadeBy(made_by.to_string());
        let removal = async |c: &mut _| remove_tokens(c, staff_id.as_str(), &doomed).await;
        let removed: usize = self.act(removal, |count| *count > 0).await?;
        u64::try_from(removed).map_err(RepositoryError::internal)
    }

    async fn list_removed_tokens(
        &self,
        staff_id: &StaffId,
        limit: NonZeroU32,
    ) -> Result<Vec<RemovedToken>, RepositoryError> {
        let select = removed_tokens::table
            .filter(removed_tokens::staff_id.eq(staff_id.as_str()))
            .order_by((removed_tokens::removed_at.desc(), removed_tokens::id.desc()))
            .limit(limit.get().into())
            .select(RemovedRow::as_select());
        let rows: Vec<RemovedRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(RemovedRow::into_removed).collect::<Result<_, _>>()?)
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let is_later = staff_tokens::last_used_at
            .is_null()
            .or(staff_tokens::last_used_at.assume_not_null().lt(DbTimestamp(at)));
        let used = staff_tokens::table.find(Uuid::from_u128(id.as_u128())).filter(is_later);
        let update = diesel::update(used).set(staff_tokens::last_used_at.eq(DbTimestamp(at)));
        self.connections().run(async |c| update.execute(c).await).await?;
        Ok(())
    }
}
