//! Archives of a made-up database and of files in memory.
#![allow(clippy::unwrap_used)]

mod damage;
mod fakes;
mod files;
mod round_trip;
