//! Addresses that want no messages any more.

use std::num::NonZeroU32;

use diesel::dsl::count_star;
use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_repository::{RepositoryError, Suppression};

use crate::case_rows::checked;
use crate::error::{InvalidColumn, repository_error};
use crate::notification_rows::address;
use crate::schema::suppressed_addresses::dsl as table;
use crate::store::SqliteStore;

type Row = (String, String, String, i64);

fn read(
    connection: &mut SqliteConnection,
    limit: i64,
    offset: i64,
) -> QueryResult<(Vec<Row>, i64)> {
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
        let list = rows.into_iter().map(|(channel, text, reason, created_at)| {
            let address = address(&channel, &text)?;
            Ok(Suppression { address, reason, created_at: Timestamp::from_millis(created_at) })
        });
        let list = list.collect::<Result<_, InvalidColumn>>()?;
        Ok((list, checked(total, Some, "count")?))
    }
}
