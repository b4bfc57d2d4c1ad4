//! Tests of [`CaseRepository`](engage_repository::CaseRepository).

mod committing;
mod racing;
mod reading;
mod round_trips;

pub use committing::*;
pub use racing::*;
pub use reading::*;
pub use round_trips::*;
