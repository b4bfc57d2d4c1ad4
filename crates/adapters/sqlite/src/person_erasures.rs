//! Erasures of persons.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseId, EmailAddress, ErasureId, Timestamp};
use engage_repository::{
    AddedErasure, CaseOfPerson, ClaimedErasure, ErasedAddress, ErasureKey, ErasureProgress,
    PersonErasure, PersonErasures, RepositoryError, RequestedUnderKey,
};
use engage_sql::schema::person_erasures;
use engage_sql::{
    DbId, DbTimestamp, ErasureProgressRow, PersonCaseRow, PersonErasureRow, case_of_person,
    erase_addresses, is_unfinished_erasure, select_cases_of_person,
};

use crate::error::WorkResult;
use crate::sql::{Sql, push_criteria};
use crate::store::SqliteStore;

#[async_trait]
impl PersonErasures for SqliteStore {
    async fn add_person_erasure(
        &self,
        erasure: &PersonErasure,
        key: Option<ErasureKey>,
    ) -> Result<AddedErasure, RepositoryError> {
        let erasure = erasure.clone();
        let add = move |connection: &mut SqliteConnection| add(connection, &erasure, key.as_ref());
        self.act(add, |added| *added == AddedErasure::Added).await
    }

    async fn find_requested_erasure(
        &self,
        key: &ErasureKey,
    ) -> Result<Option<RequestedUnderKey>, RepositoryError> {
        let key = *key;
        let used = self.readers().read(move |c| Ok(used_key(c, &key)?)).await?;
        Ok(used.map(PersonErasureRow::into_used_key).transpose()?)
    }

    async fn find_person_erasure(
        &self,
        id: ErasureId,
    ) -> Result<Option<PersonErasure>, RepositoryError> {
        let select = person_erasures::table.find(DbId::from(id));
        let select = select.select(PersonErasureRow::as_select());
        let found: Option<PersonErasureRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(PersonErasureRow::into_erasure).transpose()?)
    }

    async fn claim_person_erasure(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ClaimedErasure>, RepositoryError> {
        // Most of the time none is due, and the writer is not to be asked in vain.
        let is_due = move |c: &mut SqliteConnection| Ok(first_due(c, now)?.is_some());
        if !self.readers().read(is_due).await? {
            return Ok(None);
        }
        let claim = move |connection: &mut SqliteConnection| {
            let Some(row) = first_due(connection, now)? else { return Ok(None) };
            diesel::update(person_erasures::table.find(row.id))
                .set((
                    person_erasures::claim.eq(row.claim + 1),
                    person_erasures::due_at.eq(DbTimestamp(until)),
                ))
                .execute(connection)?;
            Ok(Some(row.into_claimed()?))
        };
        self.writer().write(claim).await
    }

    async fn save_person_erasure(
        &self,
        progress: &ErasureProgress,
    ) -> Result<bool, RepositoryError> {
        let progress = progress.clone();
        let save = move |connection: &mut SqliteConnection| Ok(save(connection, &progress)?);
        self.act(save, |is_saved| *is_saved).await
    }

    async fn erase_addresses(&self, addresses: &[ErasedAddress]) -> Result<(), RepositoryError> {
        let addresses = addresses.to_vec();
        let erase = move |connection: &mut SqliteConnection| {
            let add = |sql: &mut Sql<()>, criterion| push_criteria(sql, [criterion]);
            for statement in erase_addresses(&addresses, add) {
                statement.execute(connection)?;
            }
            Ok(())
        };
        self.writer().write(erase).await
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
        let rows: Vec<PersonCaseRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(rows.into_iter().map(case_of_person).collect::<Result<_, _>>()?)
    }
}

fn add(
    connection: &mut SqliteConnection,
    erasure: &PersonErasure,
    key: Option<&ErasureKey>,
) -> WorkResult<AddedErasure> {
    if let Some(key) = key {
        if let Some(used) = used_key(connection, key)? {
            return Ok(AddedErasure::KeyUsed(used.into_used_key()?));
        }
        // An expired one makes room.
        let same = person_erasures::table.filter(person_erasures::key.eq(key.key.0.to_vec()));
        diesel::update(same)
            .set((
                person_erasures::key.eq(None::<Vec<u8>>),
                person_erasures::digest.eq(None::<Vec<u8>>),
            ))
            .execute(connection)?;
    }
    let row = PersonErasureRow::new(erasure, key);
    diesel::insert_into(person_erasures::table).values(row).execute(connection)?;
    Ok(AddedErasure::Added)
}

fn used_key(
    connection: &mut SqliteConnection,
    key: &ErasureKey,
) -> QueryResult<Option<PersonErasureRow>> {
    person_erasures::table
        .filter(person_erasures::key.eq(key.key.0.to_vec()))
        .filter(person_erasures::created_at.gt(DbTimestamp(key.expired_before)))
        .select(PersonErasureRow::as_select())
        .first(connection)
        .optional()
}

fn first_due(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> QueryResult<Option<PersonErasureRow>> {
    person_erasures::table
        .filter(is_unfinished_erasure())
        .filter(person_erasures::due_at.le(DbTimestamp(now)))
        .order_by((person_erasures::due_at, person_erasures::id))
        .select(PersonErasureRow::as_select())
        .first(connection)
        .optional()
}

fn save(connection: &mut SqliteConnection, progress: &ErasureProgress) -> QueryResult<bool> {
    let claimed = person_erasures::table
        .find(DbId::from(progress.id))
        .filter(person_erasures::claim.eq(progress.claim))
        .filter(is_unfinished_erasure());
    let row = ErasureProgressRow::from(progress);
    let saved = diesel::update(claimed).set(row).execute(connection)?;
    Ok(saved == 1)
}
