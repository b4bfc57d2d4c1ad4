//! Case numbers: the highest one stored, counted on in memory.
//!
//! One process serves a file, so nobody else draws. A number that was drawn and not stored before
//! the process ends is drawn again by the next one: nobody was told of it.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use engage_repository::{CaseNumbers, RepositoryError};

use crate::error::repository_error;
use crate::schema::cases;
use crate::store::SqliteStore;

#[async_trait]
impl CaseNumbers for SqliteStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        loop {
            if let Some(place) = self.case_numbers().next(year) {
                return Ok(place);
            }
            let highest = self.highest_stored(year).await?;
            self.case_numbers().learn(year, highest);
        }
    }
}

impl SqliteStore {
    async fn highest_stored(&self, year: i16) -> Result<u64, RepositoryError> {
        self.readers()
            .read(move |connection| {
                let highest: Option<i64> = cases::table
                    .filter(cases::number_year.eq(i32::from(year)))
                    .select(max(cases::number_sequence))
                    .first(connection)
                    .map_err(repository_error)?;
                u64::try_from(highest.unwrap_or(0)).map_err(RepositoryError::internal)
            })
            .await
    }
}
