//! Cases with which something is to be done by itself.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use engage_domain::{CaseId, Timestamp, Version};
use engage_repository::{DueCase, DueCases, RepositoryError};
use uuid::Uuid;

use crate::case_rows::case_number;
use crate::error::InvalidColumn;
use crate::instant::Instant;
use crate::schema::cases;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Prepared, since every server asks each second.
const FIRST: &str = "
    SELECT id, number_prefix, number_year, number_sequence, next_target_at FROM cases
    WHERE next_target_at <= ?
    ORDER BY next_target_at, id LIMIT ?";

const AFTER: &str = "
    SELECT id, number_prefix, number_year, number_sequence, next_target_at FROM cases
    WHERE next_target_at <= ? AND (next_target_at, id) > (?, ?)
    ORDER BY next_target_at, id LIMIT ?";

type Columns = (SqlUuid, Text, Integer, BigInt, Timestamptz);

#[derive(Queryable)]
struct DueRow {
    id: Uuid,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    due_at: Instant,
}

impl DueRow {
    fn into_case(self) -> Result<DueCase, InvalidColumn> {
        Ok(DueCase {
            id: CaseId::from_u128(self.id.as_u128()),
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            due_at: self.due_at.0,
        })
    }
}

#[async_trait]
impl DueCases for PostgresStore {
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError> {
        let (now, limit) = (Instant(now).into(), i64::from(limit.get()).into());
        let due: Sql<Columns> = match after {
            None => Sql::prepared(FIRST, [now, limit]),
            Some(case) => {
                let id = Uuid::from_u128(case.id.as_u128()).into();
                Sql::prepared(AFTER, [now, Instant(case.due_at).into(), id, limit])
            }
        };
        let rows: Vec<DueRow> = self.connections().run(async |c| due.load(c).await).await?;
        Ok(rows.into_iter().map(DueRow::into_case).collect::<Result<_, _>>()?)
    }

    async fn put_off_case(
        &self,
        id: CaseId,
        version: Version,
        until: Option<Timestamp>,
    ) -> Result<(), RepositoryError> {
        let case = cases::table
            .filter(cases::id.eq(Uuid::from_u128(id.as_u128())))
            .filter(cases::version.eq(i64::from(version.get())));
        let put_off = diesel::update(case).set(cases::next_target_at.eq(until.map(Instant)));
        self.connections().run(async |c| put_off.execute(c).await).await?;
        Ok(())
    }
}
