//! Addresses that want no messages any more.

use std::num::NonZeroU32;

use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use engage_repository::{RepositoryError, Suppression};

use crate::case_rows::checked;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::notification_rows::address;
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
        let select: Sql<(Text, Text, Text, Timestamptz)> =
            Sql::prepared(LIST, [limit.into(), offset.into()]);
        let count: Sql<BigInt> = Sql::prepared("SELECT count(*) FROM suppressed_addresses", []);
        let (rows, total): (Vec<(String, String, String, DbTimestamp)>, i64) = self
            .connections()
            .run(async |c| Ok((select.load(&mut *c).await?, count.get_result(c).await?)))
            .await?;
        let list = rows.into_iter().map(|(channel, text, reason, created_at)| {
            let address = address(&channel, &text)?;
            Ok(Suppression { address, reason, created_at: created_at.0 })
        });
        let list = list.collect::<Result<_, InvalidColumn>>()?;
        Ok((list, checked(total, Some, "count")?))
    }
}
