//! TLS and HTTP clients of the adapters that call other servers.
//!
//! All of them use the same cryptography, which is set explicitly: the default of the process does
//! not matter. The feature `http` adds HTTP clients.
#![warn(missing_docs)]

mod error_chain;
#[cfg(feature = "http")]
mod http;
mod tls;

pub use error_chain::{error_chain, root_cause};
#[cfg(feature = "http")]
pub use http::http_client;
pub use tls::{PemError, add_pem, client_config, config_builder, provider, system_roots};
