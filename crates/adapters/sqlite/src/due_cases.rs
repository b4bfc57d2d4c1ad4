//! Cases with a due action.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseId, Timestamp, Version};
use engage_repository::{DueCase, DueCases, RepositoryError};
use engage_sql::schema::cases;
use engage_sql::{DbId, DbTimestamp, DueRow};

use crate::store::SqliteStore;

#[async_trait]
impl DueCases for SqliteStore {
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError> {
        let due = cases::table
            .filter(cases::next_target_at.le(DbTimestamp(now)))
            .order_by((cases::next_target_at, cases::id))
            .limit(limit.get().into())
            .select(DueRow::as_select());
        let rows: Vec<DueRow> = self
            .readers()
            .read(move |connection| {
                let Some(case) = after else { return Ok(due.load(connection)?) };
                let (at, id) = (DbTimestamp(case.due_at), DbId::from(case.id));
                let later = due
                    .filter(cases::next_target_at.ge(at))
                    .filter(cases::next_target_at.gt(at).or(cases::id.gt(id)));
                Ok(later.load(connection)?)
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
        let (id, version) = (DbId::from(id), i64::from(version.get()));
        let put_off = move |connection: &mut SqliteConnection| {
            let case = cases::table.filter(cases::id.eq(id)).filter(cases::version.eq(version));
            let until = cases::next_target_at.eq(until.map(DbTimestamp));
            Ok(diesel::update(case).set(until).execute(connection)?)
        };
        self.writer().write(put_off).await.map(drop)
    }
}
