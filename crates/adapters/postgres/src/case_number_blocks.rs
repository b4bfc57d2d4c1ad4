//! Blocks of case numbers that this process has drawn.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The remaining numbers of each year, and the lock for drawing another block.
#[derive(Default)]
pub(crate) struct Blocks {
    left: Mutex<HashMap<i16, Vec<Range<u64>>>>,
    drawing: tokio::sync::Mutex<()>,
}

impl Blocks {
    pub(crate) fn of<T>(&self, year: i16, change: impl FnOnce(&mut Vec<Range<u64>>) -> T) -> T {
        // The ranges are consistent after every step, so a panic elsewhere leaves them usable.
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        change(left.entry(year).or_default())
    }

    /// Waits until no other task draws a block, and prevents others from drawing one.
    pub(crate) async fn drawing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.drawing.lock().await
    }

    /// Draws the next number of a year. Returns it with the number of those left.
    pub(crate) fn next(&self, year: i16) -> Option<(u64, u64)> {
        self.of(year, |blocks| {
            let sequence = blocks.iter_mut().find_map(Iterator::next)?;
            blocks.retain(|block| !block.is_empty());
            Some((sequence, remaining(blocks)))
        })
    }
}

pub(crate) fn remaining(blocks: &[Range<u64>]) -> u64 {
    blocks.iter().map(|block| block.end - block.start).sum()
}
