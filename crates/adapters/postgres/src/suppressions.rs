//! Suppressed addresses.

use std::num::NonZeroU32;

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use engage_repository::{RepositoryError, Suppression};
use engage_sql::{SuppressionColumnTypes, SuppressionRow, suppressions};

use crate::sql::Sql;
use crate::store::PostgresStore;

const LIST: &str = "
    SELECT channel, address, reason, created_at FROM suppressed_addresses
    ORDER BY channel, address LIMIT ? OFFSET ?";

impl PostgresStore {
    pub(crate) async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        let limit = i64::from(limit.get());
        let offset = i64::from(page.get() - 1).saturating_mul(limit);
        let select: Sql<SuppressionColumnTypes> =
            Sql::prepared(LIST, [limit.into(), offset.into()]);
        let count: Sql<BigInt> = Sql::prepared("SELECT count(*) FROM suppressed_addresses", []);
        let (rows, total): (Vec<SuppressionRow>, i64) = self
            .connections()
            .run(async |c| Ok((select.load(&mut *c).await?, count.get_result(c).await?)))
            .await?;
        suppressions(rows, total)
    }
}
