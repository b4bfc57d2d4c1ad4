//! Engage's storage in PostgreSQL.
//!
//! Any number of servers may work on one database. Change sets of callers who wait are committed
//! together, in one statement of one round trip (group commit); a lone caller waits for nobody.
#![warn(missing_docs)]

mod backfill;
mod case_rows;
mod cases;
mod commit_queue;
mod error;
mod health;
mod history_rows;
mod instant;
mod lists;
mod numbers;
mod outbox;
mod queries;
mod schema;
mod search;
mod sql;
mod staff;
mod store;

pub use store::{OpenError, PostgresStore};
