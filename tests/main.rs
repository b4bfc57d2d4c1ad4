//! Tests of the whole program: the `engage` binary as its users meet it, over HTTP, by its
//! commands, its log and the files that it writes.
#![allow(clippy::unwrap_used, clippy::expect_used)]
// A test that `on_both_stores!` does not name would never run.
#![deny(dead_code)]

mod attachments;
mod audit_log;
mod bad_bodies;
mod bad_input;
mod bad_paths;
mod bulk;
mod commands;
mod concurrency;
mod conversations;
mod customer_access;
mod delivery;
mod doc_links;
mod docs_page;
mod documentation;
mod durability;
mod edge;
mod erasure;
mod errors;
mod examples;
mod exports;
mod feed_stream;
mod history;
mod idempotency;
mod identity_provider;
mod lists;
mod logs;
mod metrics;
mod networks;
mod notifications;
mod origins;
mod postgres;
mod privacy;
mod readme;
mod retention;
mod roles;
mod seed;
mod service_targets;
mod slow_clients;
mod staff;
mod staff_tokens;
mod strictness;
mod support;
mod support_page;
mod text_fidelity;
mod upgrades;
mod webhook_snippets;
mod webhooks_api;
