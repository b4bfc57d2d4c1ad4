//! Cases with a due action.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{CaseId, Timestamp, Version};
use engage_repository::{DueCase, DueCases, RepositoryError};
use engage_sql::schema::cases;
use engage_sql::{DbId, DbTimestamp, DueColumnTypes, DueRow};

use crate::sql::Sql;
use crate::store::PostgresStore;

/// Prepared, because every server runs it each second.
const FIRST: &str = "
    SELECT id, number_prefix, number_year, number_sequence, next_target_at FROM cases
    WHERE next_target_at <= ?
    ORDER BY next_target_at, id LIMIT ?";

const AFTER: &str = "
    SELECT id, number_prefix, number_year, number_sequence, next_target_at FROM cases
    WHERE next_target_at <= ? AND (next_target_at, id) > (?, ?)
    ORDER BY next_target_at, id LIMIT ?";

#[async_trait]
impl DueCases for PostgresStore {
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError> {
        let (now, limit) = (DbTimestamp(now).into(), i64::from(limit.get()).into());
        let due: Sql<DueColumnTypes<Pg>> = match after {
            None => Sql::prepared(FIRST, [now, limit]),
            Some(case) => {
                let (at, id) = (DbTimestamp(case.due_at).into(), DbId::from(case.id).into());
                Sql::prepared(AFTER, [now, at, id, limit])
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
            .filter(cases::id.eq(DbId::from(id)))
            .filter(cases::version.eq(i64::from(version.get())));
        let put_off = diesel::update(case).set(cases::next_target_at.eq(until.map(DbTimestamp)));
        self.connections().run(async |c| put_off.execute(c).await).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;
    use engage_outbound::DnsResolver;
    use engage_testkit::postgres::cluster;

    use super::*;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        step: String,
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn due_cases_are_found_in_their_order_by_the_index_alone() {
        let migrate =
            async |url: String| PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
        let url = cluster().database(migrate).await;
        let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
        // A table of so few rows would be scanned, one of many never is.
        let few = async |c: &mut _| {
            diesel::sql_query("SET enable_seqscan = off").execute(c).await?;
            diesel::sql_query("SET enable_bitmapscan = off").execute(c).await
        };
        store.connections().run(few).await.unwrap();
        let id = "'00000000-0000-0000-0000-000000000000'";
        for values in [["now()", "10", "", ""], ["now()", "now()", id, "10"]] {
            let mut text = if values[2].is_empty() { FIRST } else { AFTER }.to_owned();
            for value in values {
                text = text.replacen('?', value, 1);
            }
            let explain = diesel::sql_query(format!("EXPLAIN {text}"));
            let load = async |c: &mut _| explain.load::<Step>(c).await;
            let steps = store.connections().run(load).await.unwrap();
            let plan: Vec<_> = steps.into_iter().map(|step| step.step).collect();
            let plan = plan.join("\n");
            assert!(plan.contains("Index Scan using cases_next_target_at"), "{plan}");
            assert!(!plan.contains("Sort"), "{plan}");
        }
    }
}
