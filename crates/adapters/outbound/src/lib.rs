//! Names, TLS and HTTP clients of the adapters that call other servers.
//!
//! All of them use the same cryptography, which is set explicitly: the default of the process does
//! not matter. All names are resolved by a [`DnsResolver`]. The feature `http` adds HTTP clients.
#![warn(missing_docs)]

mod address_order;
mod error_chain;
mod hosts_file;
#[cfg(feature = "http")]
mod http;
mod name_servers;
mod resolve_error;
mod resolver;
mod tls;
mod watched_file;

pub use error_chain::{error_chain, root_cause};
#[cfg(feature = "http")]
pub use http::http_client;
pub use resolve_error::ResolveError;
pub use resolver::{DnsResolver, MailExchanger};
pub use tls::{PemError, add_pem, client_config, config_builder, provider, system_roots};
