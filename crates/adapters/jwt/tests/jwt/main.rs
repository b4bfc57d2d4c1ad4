//! Tokens that are really signed, and a provider that really publishes keys.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod algorithms;
mod claims;
mod key_files;
mod key_urls;
mod rotation;
mod support;
