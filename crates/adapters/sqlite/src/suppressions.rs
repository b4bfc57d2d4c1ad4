//! Suppressed addresses.

use std::num::NonZeroU32;

use diesel::prelude::*;
use engage_repository::{RepositoryError, Suppression};
use engage_sql::{count_suppressions, select_suppressions, suppressions};

use crate::store::SqliteStore;

impl SqliteStore {
    pub(crate) async fn suppressions(
        &self,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Suppression>, u64), RepositoryError> {
        let (select, count) = (select_suppressions(page, limit), count_suppressions());
        let (rows, total) =
            self.at_one_moment(move |c| Ok((select.load(c)?, count.get_result(c)?))).await?;
        suppressions(rows, total)
    }
}
