//! Erasures of persons.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{CaseId, EmailAddress, ErasureId, Timestamp};
use engage_repository::{
    AddedErasure, CaseOfPerson, ClaimedErasure, ErasedAddress, ErasureKey, ErasureProgress,
    PersonErasure, PersonErasures, RepositoryError, RequestedUnderKey,
};
use engage_sql::schema::person_erasures;
use engage_sql::{
    DbId, DbTimestamp, ErasureProgressRow, PersonCaseRow, PersonErasureRow, case_of_person,
    erase_addresses, is_unfinished_erasure, repository_error, select_cases_of_person,
};

use crate::error::violates;
use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

#[async_trait]
impl PersonErasures for PostgresStore {
    async fn add_person_erasure(
        &self,
        erasure: &PersonErasure,
        key: Option<ErasureKey>,
    ) -> Result<AddedErasure, RepositoryError> {
        if let Some(key) = &key
            && let Some(used) = self.used_key(key).await?
        {
            return Ok(AddedErasure::KeyUsed(used.into_used_key()?));
        }
        let row = PersonErasureRow::new(erasure, key.as_ref());
        let insert = diesel::insert_into(person_erasures::table).values(row);
        let inserted = self.try_act(async |c| insert.execute(c).await, |_| true).await?;
        match (inserted, &key) {
            (Err(error), Some(key)) if violates(&error, "person_erasures_key") => {
                // Another request with the key was faster.
                let used = self.used_key(key).await?.ok_or(RepositoryError::Conflict)?;
                Ok(AddedErasure::KeyUsed(used.into_used_key()?))
            }
            (inserted, _) => {
                inserted.map_err(repository_error)?;
                Ok(AddedErasure::Added)
            }
        }
    }

    async fn find_requested_erasure(
        &self,
        key: &ErasureKey,
    ) -> Result<Option<RequestedUnderKey>, RepositoryError> {
        let used = self.used_key(key).await?;
        Ok(used.map(PersonErasureRow::into_used_key).transpose()?)
    }

    async fn find_person_erasure(
        &self,
        id: ErasureId,
    ) -> Result<Option<PersonErasure>, RepositoryError> {
        let select = person_erasures::table.find(DbId::from(id));
        let select = select.select(PersonErasureRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<PersonErasureRow> = self.connections().run(found).await?;
        Ok(found.map(PersonErasureRow::into_erasure).transpose()?)
    }

    async fn claim_person_erasure(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ClaimedErasure>, RepositoryError> {
        let claim = async |c: &mut AsyncPgConnection| {
            let Some(row) = first_due(c, now).await? else { return Ok(None) };
            // Who read the same row at the same time has another claim.
            let same = person_erasures::table.find(row.id);
            let claimed = diesel::update(same.filter(person_erasures::claim.eq(row.claim)))
                .set((
                    person_erasures::claim.eq(row.claim + 1),
                    person_erasures::due_at.eq(DbTimestamp(until)),
                ))
                .execute(c)
                .await?;
            Ok((claimed == 1).then_some(row))
        };
        let claimed: Option<PersonErasureRow> = self.connections().run(claim).await?;
        Ok(claimed.map(PersonErasureRow::into_claimed).transpose()?)
    }

    async fn save_person_erasure(
        &self,
        progress: &ErasureProgress,
    ) -> Result<bool, RepositoryError> {
        self.act(async |c| save(c, progress).await, |is_saved| *is_saved).await
    }

    async fn erase_addresses(&self, addresses: &[ErasedAddress]) -> Result<(), RepositoryError> {
        let add = |sql: &mut Sql<()>, criterion| push_criteria(sql, [criterion]);
        for statement in erase_addresses(addresses, add) {
            self.connections().run(async |c| statement.execute(c).await).await?;
        }
        Ok(())
    }

    async fn list_cases_of_person(
        &self,
        addresses: &[EmailAddress],
        after: Option<CaseId>,
        limit: NonZeroU32,
    ) -> Result<Vec<CaseOfPerson>, RepositoryError> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let select = select_cases_of_person(addresses, after, limit.get(), |sql, criterion| {
            push_criteria(sql, [criterion]);
        });
        let rows: Vec<PersonCaseRow> =
            self.connections().run(async |c| select.load(c).await).await?;
        Ok(rows.into_iter().map(case_of_person).collect::<Result<_, _>>()?)
    }
}

impl PostgresStore {
    /// Returns the erasure that was requested under a key, and frees an expired key.
    async fn used_key(
        &self,
        key: &ErasureKey,
    ) -> Result<Option<PersonErasureRow>, RepositoryError> {
        let expired_before = DbTimestamp(key.expired_before);
        let key = key.key.0.to_vec();
        let find = async |c: &mut AsyncPgConnection| {
            let same = person_erasures::table.filter(person_erasures::key.eq(key));
            let expired = same.clone().filter(person_erasures::created_at.le(expired_before));
            diesel::update(expired)
                .set((
                    person_erasures::key.eq(None::<Vec<u8>>),
                    person_erasures::digest.eq(None::<Vec<u8>>),
                ))
                .execute(c)
                .await?;
            same.select(PersonErasureRow::as_select()).first(c).await.optional()
        };
        self.connections().run(find).await
    }
}

async fn first_due(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> QueryResult<Option<PersonErasureRow>> {
    person_erasures::table
        .filter(is_unfinished_erasure())
        .filter(person_erasures::due_at.le(DbTimestamp(now)))
        .order_by((person_erasures::due_at, person_erasures::id))
        .select(PersonErasureRow::as_select())
        .first(connection)
        .await
        .optional()
}

async fn save(connection: &mut AsyncPgConnection, progress: &ErasureProgress) -> QueryResult<bool> {
    let claimed = person_erasures::table
        .find(DbId::from(progress.id))
        .filter(person_erasures::claim.eq(progress.claim))
        .filter(is_unfinished_erasure());
    let row = ErasureProgressRow::from(progress);
    let saved = diesel::update(claimed).set(row).execute(connection).await?;
    Ok(saved == 1)
}
