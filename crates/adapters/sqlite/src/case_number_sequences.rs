//! The highest case number of each year, counted on in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use engage_domain::CaseNumber;

/// The last place taken in each year's sequence, for the years that were asked for.
#[derive(Default)]
pub(crate) struct LastSequences(Mutex<HashMap<i16, u64>>);

impl LastSequences {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<i16, u64>) -> T) -> T {
        // Every change below is a single step, so a panic elsewhere leaves the map whole.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the next place, where the year's last one is known.
    pub(crate) fn next(&self, year: i16) -> Option<u64> {
        self.with(|last| {
            let place = last.get_mut(&year)?;
            *place += 1;
            Some(*place)
        })
    }

    /// Notes a year's highest stored place, unless the year is known by now.
    pub(crate) fn learn(&self, year: i16, highest: u64) {
        self.with(|last| {
            last.entry(year).or_insert(highest);
        });
    }

    /// Notes that a number is taken, wherever it came from.
    pub(crate) fn note(&self, number: &CaseNumber) {
        self.with(|last| {
            if let Some(place) = last.get_mut(&number.year()) {
                *place = number.sequence().max(*place);
            }
        });
    }
}
