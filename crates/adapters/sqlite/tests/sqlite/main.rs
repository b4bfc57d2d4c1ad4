//! The adapter on real database files, and on one in memory.

#![allow(clippy::unwrap_used)]
#![allow(clippy::unused_async)] // What makes a store may have to wait; these two need not.

mod contract;
mod delivery;
mod plans;
