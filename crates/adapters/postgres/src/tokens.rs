//! Staff tokens.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
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

use crate::error::{duplicate, refers_to_nothing};
use crate::store::PostgresStore;
use crate::token_removal::remove_tokens;

const SECRET: (&str, UniqueConstraint) = ("staff_tokens_hash", UniqueConstraint::Token);

#[async_trait]
impl TokenRepository for PostgresStore {
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError> {
        let row = TokenRow::from(token);
        let insert = diesel::insert_into(staff_tokens::table)
            .values((&row, staff_tokens::hash.eq(hash.0.to_vec())));
        match self.try_act(async |c| insert.execute(c).await, |_| true).await? {
            Ok(_) => Ok(()),
            Err(error) if refers_to_nothing(&error, "staff_tokens_parent_id_fkey") => {
                Err(RepositoryError::Conflict)
            }
            Err(error) => Err(duplicate(error, &[SECRET])),
        }
    }

    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError> {
        let (hash, now) = (hash.0.to_vec(), DbTimestamp(now));
        let select = valid_tokens(now)
            .filter(staff_tokens::hash.eq(&hash))
            .select((TokenRow::as_select(), StaffRow::as_select()));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(TokenRow, StaffRow)> = self.connections().run(found).await?;
        if let Some((token, owner)) = found {
            return Ok(Some(found_token(token, owner, None)?));
        }
        let select = valid_tokens(now)
            .filter(staff_tokens::superseded_hash.eq(&hash))
            .filter(staff_tokens::superseded_until.assume_not_null().gt(now))
            .select((TokenRow::as_select(), StaffRow::as_select(), staff_tokens::superseded_until));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(TokenRow, StaffRow, Option<DbTimestamp>)> =
            self.connections().run(found).await?;
        Ok(found.map(|(token, owner, until)| found_token(token, owner, until)).transpose()?)
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
            .find(DbId::from(id))
            .filter(staff_tokens::staff_id.eq(staff_id.as_str()));
        let update = diesel::update(theirs).set((
            staff_tokens::superseded_hash.eq(staff_tokens::hash.nullable()),
            staff_tokens::superseded_until.eq(DbTimestamp(superseded_until)),
            staff_tokens::hash.eq(hash.0.to_vec()),
        ));
        let rotate = async |c: &mut _| update.execute(c).await;
        let changed = self.try_act(rotate, |changed| *changed == 1).await?;
        Ok(changed.map_err(|error| duplicate(error, &[SECRET]))? == 1)
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
            self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(removed_token).collect::<Result<_, _>>()?)
    }

    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError> {
        let is_later = staff_tokens::last_used_at
            .is_null()
            .or(staff_tokens::last_used_at.assume_not_null().lt(DbTimestamp(at)));
        let used = staff_tokens::table.find(DbId::from(id)).filter(is_later);
        let update = diesel::update(used).set(staff_tokens::last_used_at.eq(DbTimestamp(at)));
        self.connections().run(async |c| update.execute(c).await).await?;
        Ok(())
    }
}

impl PostgresStore {
    async fn remove(
        &self,
        staff_id: &StaffId,
        tokens: RevokedTokens,
    ) -> Result<usize, RepositoryError> {
        let removal = async |c: &mut _| remove_tokens(c, staff_id.as_str(), &tokens).await;
        self.act(removal, |count| *count > 0).await
    }
}
