//! Cases with which something is to be done by itself.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseId, Timestamp, Version};
use engage_repository::{DueCase, DueCases, RepositoryError};

use crate::case_rows::{case_number, id_bits, id_bytes};
use crate::error::{InvalidColumn, repository_error};
use crate::schema::cases;
use crate::store::SqliteStore;

#[derive(Queryable, Selectable)]
#[diesel(table_name = cases)]
struct DueRow {
    id: Vec<u8>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    #[diesel(select_expression = cases::next_target_at.assume_not_null())]
    due_at: i64,
}

impl DueRow {
    fn into_case(self) -> Result<DueCase, InvalidColumn> {
        Ok(DueCase {
            id: CaseId::from_u128(id_bits(&self.id, "id")?),
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            due_at: Timestamp::from_millis(self.due_at),
        })
    }
}

#[async_trait]
impl DueCases for SqliteStore {
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError> {
        let after = after.map(|case| (case.due_at.as_millis(), id_bytes(case.id.as_u128())));
        let due = cases::table
            .filter(cases::next_target_at.le(now.as_millis()))
            .order_by((cases::next_target_at, cases::id))
            .limit(limit.get().into())
            .select(DueRow::as_select());
        let rows: Vec<DueRow> = self
            .readers()
            .read(move |connection| {
                let rows = match after {
                    None => due.load(connection),
                    Some((at, id)) => due
                        .filter(cases::next_target_at.ge(at))
                        .filter(cases::next_target_at.gt(at).or(cases::id.gt(id)))
                        .load(connection),
                };
                rows.map_err(repository_error)
            })
            .await?;
        Ok(rows.into_iter().map(DueRow::into_case).collect::<Result<_, _>>()?)
    }

    async fn put_off_case(
        &self,
        id: CaseId,
        version: Version,
        until: Option<Timestamp>,
    ) -> Result<(), RepositoryError> {
        let id = id_bytes(id.as_u128());
        let version = i64::from(version.get());
        self.writer()
            .write(move |connection| {
                let case =
                    cases::table.filter(cases::id.eq(&id)).filter(cases::version.eq(version));
                let until = until.map(Timestamp::as_millis);
                diesel::update(case)
                    .set(cases::next_target_at.eq(until))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }
}
