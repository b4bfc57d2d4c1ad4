//! Request counts that servers share.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_async::RunQueryDsl;
use engage_repository::{Counted, RepositoryError, RequestCount, RequestCounts};
use engage_sql::DbId;
use serde_json::json;

use crate::sql::Sql;
use crate::store::PostgresStore;

/// One round trip. A server deletes its own counts as soon as no server needs them, and those of servers
/// that are gone. Rows are written in one order, so that there is no deadlock.
const EXCHANGE: &str = "
    WITH added AS (
        INSERT INTO request_counts AS kept (minute, server, quota, who, count)
        SELECT date_trunc('minute', now()), ?, one ->> 0, decode(one ->> 1, 'hex'),
            (one ->> 2)::bigint
        FROM jsonb_array_elements(?::text::jsonb) AS one
        ORDER BY 3, 4
        ON CONFLICT (minute, server, quota, who) DO UPDATE SET count = kept.count + excluded.count
    ), deleted AS (
        DELETE FROM request_counts WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM request_counts
            WHERE minute < date_trunc('minute', now()) - interval '2 minutes'
              AND (server = ? OR minute < now() - interval '1 hour')
            FOR UPDATE SKIP LOCKED
        ))
    )
    SELECT quota, who, extract(epoch FROM minute)::bigint, least(sum(count), 1000000000)::bigint
    FROM request_counts
    WHERE minute >= date_trunc('minute', now()) - interval '1 minute' AND server <> ?
    GROUP BY minute, quota, who
    ORDER BY sum(count) DESC LIMIT 50000";

type Row = (String, Vec<u8>, i64, i64);

#[async_trait]
impl RequestCounts for PostgresStore {
    async fn exchange(
        &self,
        server: u128,
        counted: Vec<(String, Counted, u32)>,
    ) -> Result<Vec<RequestCount>, RepositoryError> {
        let server = DbId::from(server);
        let counted = counted.iter().map(|(quota, who, count)| {
            json!([quota, format!("{:032x}", u128::from_be_bytes(who.0)), count])
        });
        let counted = counted.collect::<serde_json::Value>().to_string();
        let values = [server.into(), counted.into(), server.into(), server.into()];
        let exchange: Sql<(Text, Binary, BigInt, BigInt)> = Sql::prepared(EXCHANGE, values);
        let rows: Vec<Row> = self.connections().run(async |c| exchange.load(c).await).await?;
        rows.into_iter().map(read).collect()
    }
}

fn read((quota, who, minute, count): Row) -> Result<RequestCount, RepositoryError> {
    let who = <[u8; 16]>::try_from(who.as_slice()).map_err(RepositoryError::internal)?;
    let count = u32::try_from(count).map_err(RepositoryError::internal)?;
    Ok(RequestCount { quota, who: Counted(who), minute, count })
}
