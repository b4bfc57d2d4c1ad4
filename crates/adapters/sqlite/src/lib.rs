#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
mod audit;
mod audit_rows;
mod audited;
mod backfill;
mod backup;
mod case_number_sequences;
mod case_numbers;
mod cases;
mod change_rows;
mod clock;
mod compatibility;
mod compile_options;
mod connection;
mod conversation;
mod database_file;
mod dead_letter_retries;
mod directory;
mod directory_version;
mod due_cases;
mod erasure;
mod error;
mod health;
mod history;
mod idempotency;
mod idempotency_keys;
mod lists;
mod notifications;
mod open_error;
mod outbox;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod readers;
mod removal;
mod retention;
mod revision;
mod schema;
mod search;
mod search_index;
mod secure_delete;
mod sql;
mod staff;
mod store;
mod suppressions;
mod token_removal;
mod tokens;
mod uploads;
mod webhooks;
mod writer;

pub use backup::SqliteBackup;
pub use open_error::OpenError;
pub use store::SqliteStore;
