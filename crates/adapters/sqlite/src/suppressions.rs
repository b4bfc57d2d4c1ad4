//! Suppressed addresses.

use std::num::NonZeroU32;

use diesel::dsl::count_star;
use diesel::prelude::*;
use engage_repository::{RepositoryError, Suppression};
use engage_sql::{SuppressionRow, repository_error, suppressions};

use crate::schema::suppressed_addresses::dsl as table;
use crate::store::SqliteStore;

fn read(
    connection: &mut SqliteConnection,
    limit: i64,
    offset: i64,
) -> QueryResult<(Vec<SuppressionRow>, i64)> {
    let rows = table::suppressed_addresses
        .order_by((table::channel, table::address))
        .limit(limit)
        .offset(offset)
        .select((table::channel, table::address, table::reason, table::created_at))
        .load(connection)?;
    let total = table::suppressed_addresses.select(count_star()).first(connection)?;
    Ok((rows, total))
}

impl SqliteStore {
    pub(crate) async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        let limit = i64::from(limit.get());
        let offset = i64::from(page.get() - 1).saturating_mul(limit);
        let (rows, total) =
            self.at_one_moment(move |c| read(c, limit, offset).map_err(repository_error)).await?;
        suppressions(rows, total)
    }
}
