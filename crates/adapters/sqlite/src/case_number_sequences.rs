//! The last case number of each year, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use engage_domain::CaseNumber;

/// Last number issued in each requested year.
#[derive(Default)]
pub(crate) struct LastSequences(Mutex<HashMap<i16, u64>>);

impl LastSequences {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<i16, u64>) -> T) -> T {
        // Every change below is a single step, so a panic elsewhere leaves the map consistent.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Draws the next number, if the year's last one is known.
    pub(crate) fn next(&self, year: i16) -> Option<u64> {
        self.with(|last| {
            let place = last.get_mut(&year)?;
            *place += 1;
            Some(*place)
        })
    }

    /// Records a year's highest stored number, unless the year is known by now.
    pub(crate) fn learn(&self, year: i16, highest: u64) {
        self.with(|last| {
            last.entry(year).or_insert(highest);
        });
    }

    /// Records that a number is in use, even if it was not drawn here.
    pub(crate) fn note(&self, number: &CaseNumber) {
        self.with(|last| {
            if let Some(place) = last.get_mut(&number.year()) {
                *place = number.sequence().max(*place);
            }
        });
    }
}
