//! Case numbers: drawn from the database in blocks, handed out from memory.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{CaseNumbers, RepositoryError};

use crate::error::repository_error;
use crate::schema::{case_number_blocks, cases};
use crate::store::PostgresStore;

/// How many numbers are drawn at once: enough that the row is no hot spot, few enough that a
/// restart leaves no gap that anybody wonders about.
const BLOCK: i64 = 32;

#[async_trait]
impl CaseNumbers for PostgresStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        loop {
            if let Some(place) = self.with_blocks(|blocks| blocks.get_mut(&year)?.next()) {
                return Ok(place);
            }
            let block = self.draw_block(year).await?;
            // Two may draw at once; the block of one of them becomes a gap.
            self.with_blocks(|blocks| blocks.insert(year, block));
        }
    }
}

impl PostgresStore {
    fn with_blocks<T>(&self, change: impl FnOnce(&mut HashMap<i16, Range<u64>>) -> T) -> T {
        // Every change is a single step, so a panic elsewhere leaves the map whole.
        change(&mut self.case_numbers().lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a number is taken, wherever it came from.
    pub(crate) fn note_taken(&self, number: &CaseNumber) {
        self.with_blocks(|blocks| {
            if let Some(block) = blocks.get_mut(&number.year())
                && block.contains(&number.sequence())
            {
                block.start = number.sequence() + 1;
            }
        });
    }

    async fn draw_block(&self, year: i16) -> Result<Range<u64>, RepositoryError> {
        let mut connection = self.connection().await?;
        let year = i32::from(year);
        let highest: Option<i64> = cases::table
            .filter(cases::number_year.eq(year))
            .select(max(cases::number_sequence))
            .first(&mut connection)
            .await
            .map_err(repository_error)?;
        let first = highest.unwrap_or(0) + 1;
        let end: i64 = diesel::insert_into(case_number_blocks::table)
            .values((
                case_number_blocks::year.eq(year),
                case_number_blocks::next_sequence.eq(first + BLOCK),
            ))
            .on_conflict(case_number_blocks::year)
            .do_update()
            .set(case_number_blocks::next_sequence.eq(greatest(
                case_number_blocks::next_sequence + BLOCK,
                excluded(case_number_blocks::next_sequence),
            )))
            .returning(case_number_blocks::next_sequence)
            .get_result(&mut connection)
            .await
            .map_err(repository_error)?;
        let end = u64::try_from(end).map_err(RepositoryError::internal)?;
        Ok(end - BLOCK.unsigned_abs()..end)
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The larger of two numbers.
    fn greatest(
        a: diesel::sql_types::BigInt,
        b: diesel::sql_types::BigInt,
    ) -> diesel::sql_types::BigInt;
}
