//! Tests of [`CaseRepository`](engage_repository::CaseRepository).

mod committing;
mod erasing_people;
mod participants;
mod proving;
mod racing;
mod reading;
mod revising;
mod round_trips;

pub use committing::*;
pub use erasing_people::*;
pub use participants::*;
pub use proving::*;
pub use racing::*;
pub use reading::*;
pub use revising::*;
pub use round_trips::*;
