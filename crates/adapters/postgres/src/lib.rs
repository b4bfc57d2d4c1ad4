//! Engage's storage in PostgreSQL.
//!
//! Any number of servers may use one database. The change sets of waiting callers are committed
//! together, by one statement in one round trip (group commit). A lone caller waits for no others.
//! Committed notifications are signaled to the dispatchers of all processes.
#![warn(missing_docs)]

mod access;
mod audit;
mod audit_rows;
mod audited;
mod backfill;
mod backup;
mod budgets;
mod case_number_blocks;
mod case_numbers;
mod cases;
mod commit_queue;
mod connect;
mod connections;
mod contact_writes;
mod contacts;
mod dead_letter_retries;
mod details;
mod directory;
mod due_cases;
mod erasure;
mod error;
mod health;
mod history;
mod idempotency;
mod idempotency_keys;
mod lists;
#[cfg(test)]
mod long_conversation;
mod migrations;
mod notifications;
mod open_error;
mod organization_writes;
mod organizations;
mod outbox;
mod outbox_signal;
mod person_erasures;
#[cfg(test)]
mod prepared_statements;
mod queries;
mod read_write_check;
mod removal;
mod request_counts;
mod retention;
mod revision;
mod search;
mod search_index;
mod server_facts;
mod sql;
mod staff;
mod store;
mod suppressions;
mod tags;
mod token_removal;
mod tokens;
mod uploads;
mod webhooks;

pub use backup::PostgresBackup;
pub use connect::{UrlError, unprotected_hosts};
pub use engage_outbound::DnsResolver;
pub use open_error::OpenError;
pub use outbox_signal::OutboxListener;
pub use server_facts::ServerFacts;
pub use store::PostgresStore;
