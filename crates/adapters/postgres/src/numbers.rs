//! Case numbers: drawn from the database in blocks, handed out from memory.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{CaseNumbers, RepositoryError};

use crate::sql::Sql;
use crate::store::PostgresStore;

/// How many numbers are drawn at once: enough that the row is no hot spot, few enough that a
/// restart leaves no gap that anybody wonders about.
const BLOCK: u64 = 32;

/// The next block is drawn when so many numbers are left, so that nobody waits for it.
const FEW: u64 = BLOCK / 2;

/// Goes on after the last block, or after the last case where that is further.
const DRAW: &str = "
    INSERT INTO case_number_blocks (year, next_sequence)
    SELECT input.year, input.block + 1 + coalesce(
        (SELECT max(number_sequence) FROM cases WHERE number_year = input.year), 0)
    FROM (VALUES (?::integer, ?::bigint)) AS input (year, block)
    ON CONFLICT (year) DO UPDATE SET next_sequence = greatest(
        case_number_blocks.next_sequence + ?::bigint, excluded.next_sequence)
    RETURNING next_sequence";

/// What is left of the blocks of each year, and who may draw another one.
#[derive(Default)]
pub(crate) struct Blocks {
    left: Mutex<HashMap<i16, Vec<Range<u64>>>>,
    drawing: tokio::sync::Mutex<()>,
}

impl Blocks {
    fn of<T>(&self, year: i16, change: impl FnOnce(&mut Vec<Range<u64>>) -> T) -> T {
        // The ranges are whole after every step, so a panic elsewhere leaves them usable.
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        change(left.entry(year).or_default())
    }

    /// The next place of a year, and how many are left after it.
    fn next(&self, year: i16) -> Option<(u64, u64)> {
        self.of(year, |blocks| {
            let place = blocks.iter_mut().find_map(Iterator::next)?;
            blocks.retain(|block| !block.is_empty());
            Some((place, remaining(blocks)))
        })
    }
}

fn remaining(blocks: &[Range<u64>]) -> u64 {
    blocks.iter().map(|block| block.end - block.start).sum()
}

#[async_trait]
impl CaseNumbers for PostgresStore {
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError> {
        loop {
            if let Some((place, left)) = self.case_numbers().next(year) {
                if left == FEW {
                    let store = self.clone();
                    // Where this fails, the one who finds no number left draws, and says why.
                    tokio::spawn(async move { store.refill(year, FEW).await });
                }
                return Ok(place);
            }
            self.refill(year, 0).await?;
        }
    }
}

impl PostgresStore {
    /// Notes that a number is taken, wherever it came from.
    pub(crate) fn note_taken(&self, number: &CaseNumber) {
        self.case_numbers().of(number.year(), |blocks| {
            for block in blocks.iter_mut().filter(|block| block.contains(&number.sequence())) {
                block.start = number.sequence() + 1;
            }
        });
    }

    /// Draws a block where no more than a few numbers are left. One draws for all who wait: the
    /// blocks of the others would become gaps.
    async fn refill(&self, year: i16, few: u64) -> Result<(), RepositoryError> {
        let blocks = self.case_numbers();
        let _drawing = blocks.drawing.lock().await;
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
