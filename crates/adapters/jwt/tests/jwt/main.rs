//! Tests with properly signed tokens and a provider that serves its keys.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod algorithms;
mod claims;
mod contract;
mod key_files;
mod key_urls;
mod rotation;
mod support;
