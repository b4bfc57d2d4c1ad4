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
mod case_rows;
mod cases;
mod commit_queue;
mod connect;
mod connections;
mod dead;
mod demotion;
mod details;
mod directory;
mod due_cases;
mod erasure;
mod error;
mod health;
mod history;
mod history_rows;
mod idempotency;
mod instant;
mod lists;
#[cfg(test)]
mod long_conversation;
mod migrations;
mod notifications;
mod numbers;
mod outbox;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod request_counts;
mod retention;
mod schema;
mod search;
mod search_index;
mod sources;
mod sql;
mod staff;
mod store;
mod suppressions;
mod token_removal;
mod tokens;
mod uploads;
mod wake_up;
mod webhooks;

pub use connect::{UrlError, unprotected_hosts};
pub use store::{OpenError, PostgresStore};
pub use wake_up::OutboxListener;
