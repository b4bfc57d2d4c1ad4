//! The adapter with database files, and with a database in memory.

#![allow(clippy::unwrap_used)]
#![allow(clippy::unused_async)] // The contract expects async constructors.

mod contract;
mod delivery;
mod open_sets;
mod participant_addresses;
mod plans;
