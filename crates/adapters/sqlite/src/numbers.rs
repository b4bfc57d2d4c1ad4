//! Case numbers: the highest one stored, counted on in memory.
//!
//! One process serves a file, so nobody else draws. A number that was drawn and not stored before
//! the process ends is drawn again by the next one: nobody was told of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use engage_domain::CaseNumber;
use engage_repository::{CaseNumbers, RepositoryError};

use crate::error::repository_error;
use crate::schema::cases;
use crate::store::SqliteStore;

/// The last place taken in each year's sequence, for the years that were asked for.
#[derive(Default)]
pub(crate) struct LastPlaces(Mutex<HashMap<i16, u64>>);

impl LastPlaces {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<i16, u64>) -> T) -> T {
        // Every change below is a single step, so a panic elsewhere leaves the map whole.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the next place, where the year's last one is known.
    fn next(&self, year: i16) -> Option<u64> {
        self.with(|last| {
            let place = last.get_mut(&year)?;
            *place += 1;
            Some(*place)
        })
    }

    /// Notes a year's highest stored place, unless the year is known by now.
    fn learn(&self, year: i16, highest: u64) {
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
