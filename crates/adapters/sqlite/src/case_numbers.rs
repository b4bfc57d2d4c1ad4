//! Case numbers, counted in memory from the highest stored one.
//!
//! One process serves a file, so no other one draws numbers. A number that was drawn but not stored
//! before the process ended is drawn again by the next process. No client has seen it.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use engage_repository::{CaseNumbers, RepositoryError};
use engage_sql::schema::cases;

use crate::store::SqliteStore;

#[async_trait]
impl CaseNumbers for SqliteStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        loop {
            if let Some(sequence) = self.case_numbers().next(year) {
                return Ok(sequence);
            }
            let highest = self.highest_stored(year).await?;
            self.case_numbers().learn(year, highest);
        }
    }
}

impl SqliteStore {
    async fn highest_stored(&self, year: i16) -> Result<u64, RepositoryError> {
        let highest = cases::table
            .filter(cases::number_year.eq(i32::from(year)))
            .select(max(cases::number_sequence));
        let highest: Option<i64> = self.readers().read(move |c| Ok(highest.first(c)?)).await?;
        u64::try_from(highest.unwrap_or(0)).map_err(RepositoryError::internal)
    }
}
