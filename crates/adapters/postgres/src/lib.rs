//! Engage's storage in PostgreSQL.
//!
//! Any number of servers may work on one database. Change sets of callers who wait are committed
//! together, in one statement of one round trip (group commit); a lone caller waits for nobody.
//! Messages that a commit left are announced to the dispatchers of all processes.
#![warn(missing_docs)]

mod access;
mod audit;
mod audit_rows;
mod audited;
mod backfill;
mod case_number_blocks;
mod case_rows;
mod cases;
mod commit_queue;
mod connect;
mod connections;
mod db_timestamp;
mod dead;
mod details;
mod directory;
mod due_cases;
mod erasure;
mod error;
mod error_chain;
mod health;
mod history;
mod history_rows;
mod idempotency;
mod idempotency_rows;
mod lists;
#[cfg(test)]
mod long_conversation;
mod migrations;
mod notification_rows;
mod notifications;
mod numbers;
mod open_error;
mod outbox;
mod outbox_signal;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod read_write_check;
mod request_counts;
mod retention;
mod schema;
mod search;
mod search_index;
mod sql;
mod staff;
mod staff_rows;
mod store;
mod suppressions;
mod token_removal;
mod tokens;
mod uploads;
mod webhooks;

pub use connect::{UrlError, unprotected_hosts};
pub use open_error::OpenError;
pub use outbox_signal::OutboxListener;
pub use store::PostgresStore;
