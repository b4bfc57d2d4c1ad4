//! Suppressed addresses.

use std::num::NonZeroU32;

use diesel_async::RunQueryDsl;
use engage_repository::{RepositoryError, Suppression};
use engage_sql::{count_suppressions, select_suppressions, suppressions};

use crate::store::PostgresStore;

impl PostgresStore {
    pub(crate) async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        let (select, count) = (select_suppressions(page, limit), count_suppressions());
        let (rows, total) = self
            .connections()
            .run(async |c| Ok((select.load(&mut *c).await?, count.get_result(c).await?)))
            .await?;
        suppressions(rows, total)
    }
}
