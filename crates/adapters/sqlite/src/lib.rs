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
mod case_number_sequences;
mod case_rows;
mod cases;
mod change_rows;
mod clock;
mod compatibility;
mod connection;
mod conversation;
mod dead;
mod directory;
mod directory_version;
mod due_cases;
mod erasure;
mod error;
mod health;
mod history;
mod history_rows;
mod idempotency;
mod idempotency_rows;
mod lists;
mod notification_rows;
mod notifications;
mod numbers;
mod open_error;
mod outbox;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod readers;
mod retention;
mod schema;
mod search;
mod search_index;
mod secure_delete;
mod sql;
mod staff;
mod staff_rows;
mod store;
mod suppressions;
mod token_removal;
mod tokens;
mod uploads;
mod webhooks;
mod writer;

pub use open_error::OpenError;
pub use store::SqliteStore;
