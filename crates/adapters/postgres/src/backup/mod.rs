//! Copies of the whole database, made while others write, and their restoration.

mod copy;
mod port;
mod restore;
mod session;
mod tables;

use engage_outbound::DnsResolver;

use crate::connect::Connector;
use crate::open_error::OpenError;

/// Backups of a database.
pub struct PostgresBackup {
    connector: Connector,
}

impl PostgresBackup {
    /// Creates a handle for a database. Nothing is connected yet.
    pub fn new(url: &str, resolver: &DnsResolver) -> Result<Self, OpenError> {
        Ok(Self { connector: Connector::from_url(url, resolver)? })
    }
}
