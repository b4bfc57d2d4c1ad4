//! Case numbers, drawn from the database in blocks and assigned from memory.

use std::ops::Range;

use async_trait::async_trait;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{CaseNumbers, RepositoryError};

use crate::case_number_blocks::remaining;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Size of a block. It is large enough that the row is not contended, and small enough that a restart
/// leaves no conspicuous gap.
const BLOCK: u64 = 32;

/// Number of remaining numbers at which the next block is drawn in advance.
const FEW: u64 = BLOCK / 2;

/// Continues after the last block, or after the last case if that is higher.
const DRAW: &str = "
    INSERT INTO case_number_blocks (year, next_sequence)
    SELECT input.year, input.block + 1 + coalesce(
        (SELECT max(number_sequence) FROM cases WHERE number_year = input.year), 0)
    FROM (VALUES (?::integer, ?::bigint)) AS input (year, block)
    ON CONFLICT (year) DO UPDATE SET next_sequence = greatest(
        case_number_blocks.next_sequence + ?::bigint, excluded.next_sequence)
    RETURNING next_sequence";

#[async_trait]
impl CaseNumbers for PostgresStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        loop {
            if let Some((sequence, left)) = self.case_numbers().next(year) {
                if left == FEW {
                    let store = self.clone();
                    // If this fails, the caller that finds no number left draws a block, and reports the error.
                    tokio::spawn(async move { store.refill(year, FEW).await });
                }
                return Ok(sequence);
            }
            self.refill(year, 0).await?;
        }
    }
}

impl PostgresStore {
    /// Records that a number is in use, even if it was not drawn here.
    pub(crate) fn note_taken(&self, number: &CaseNumber) {
        self.case_numbers().of(number.year(), |blocks| {
            for block in blocks.iter_mut().filter(|block| block.contains(&number.sequence())) {
                block.start = number.sequence() + 1;
            }
        });
    }

    /// Draws a block if no more than a few numbers are left. One caller draws for all that wait, because
    /// the blocks of the others would become gaps.
    async fn refill(&self, year: i16, few: u64) -> Result<(), RepositoryError> {
        let blocks = self.case_numbers();
        let _drawing = blocks.drawing().await;
        if blocks.of(year, |blocks| remaining(blocks)) <= few {
            let block = self.draw_block(year).await?;
            blocks.of(year, |blocks| blocks.push(block));
        }
        Ok(())
    }

    async fn draw_block(&self, year: i16) -> Result<Range<u64>, RepositoryError> {
        let block = BLOCK.cast_signed();
        let draw: Sql<BigInt> =
            Sql::prepared(DRAW, [i32::from(year).into(), block.into(), block.into()]);
        let end: i64 = self.connections().run(async |c| draw.get_result(c).await).await?;
        let end = u64::try_from(end).map_err(RepositoryError::internal)?;
        Ok(end - BLOCK..end)
    }
}
