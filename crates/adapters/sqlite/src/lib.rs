//! Engage's storage in an embedded SQLite database.
//!
//! One process serves a database file. One thread writes: it takes change sets from a channel and
//! commits all that wait in one durable transaction (group commit), so that many callers share one
//! flush of the disk. Readers have connections of their own and never wait for the writer (WAL).
#![warn(missing_docs)]

mod access;
mod audit;
mod audit_rows;
mod audited;
mod backfill;
mod case_rows;
mod cases;
mod change_rows;
mod clock;
mod compatibility;
mod connection;
mod conversation;
mod dead;
mod directory;
mod due_cases;
mod erasure;
mod error;
mod health;
mod history;
mod history_rows;
mod idempotency;
mod lists;
mod notifications;
mod numbers;
mod outbox;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod readers;
mod retention;
mod schema;
mod search;
mod search_index;
mod sql;
mod staff;
mod store;
mod suppressions;
mod token_removal;
mod tokens;
mod uploads;
mod webhooks;
mod writer;

pub use store::{OpenError, SqliteStore};
