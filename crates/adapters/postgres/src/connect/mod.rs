//! Connecting to a server: choice of the host, and TLS.

mod hosts;
mod tls;
mod url;
mod user;

pub(crate) use hosts::PATIENCE;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use engage_outbound::{DnsResolver, error_chain};
use rand::seq::SliceRandom;
use tokio::time::timeout;
use tokio_postgres::config::{LoadBalanceHosts, SslMode as Negotiation, TargetSessionAttrs};
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use hosts::Host;
use url::SslMode;

pub use url::UrlError;

/// Returns the hosts of a URL to which connections may be unencrypted and unauthenticated: hosts other than
/// this machine, if the `sslmode` is `disable` or `prefer`.
pub fn unprotected_hosts(url: &str) -> Result<Vec<String>, UrlError> {
    let parsed = url::parse(url)?;
    if !matches!(parsed.ssl_mode, SslMode::Disable | SslMode::Prefer) {
        return Ok(Vec::new());
    }
    let hosts = hosts::each(&parsed.config)?.into_iter();
    Ok(hosts.filter(Host::is_elsewhere).map(|host| host.name).collect())
}

/// Opens connections for a URL.
pub(crate) struct Connector {
    hosts: Vec<Host>,
    are_shuffled: bool,
    needs_writes: bool,
    tls: Option<MakeRustlsConnect>,
    resolver: DnsResolver,
}

impl Connector {
    /// Parses a URL, and reads the root certificates that it names.
    pub(crate) fn from_url(url: &str, resolver: &DnsResolver) -> Result<Self, UrlError> {
        let mut parsed = url::parse(url)?;
        parsed.config.ssl_mode(match parsed.ssl_mode {
            SslMode::Disable => Negotiation::Disable,
            SslMode::Prefer => Negotiation::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Negotiation::Require,
        });
        if parsed.config.get_user().is_none() {
            parsed.config.user(user::of_process().ok_or(UrlError::NoUser)?);
        }
        Ok(Self {
            hosts: hosts::each(&parsed.config)?,
            are_shuffled: parsed.config.get_load_balance_hosts() == LoadBalanceHosts::Random,
            needs_writes: parsed.config.get_target_session_attrs() == TargetSessionAttrs::ReadWrite,
            tls: tls::connector(parsed.ssl_mode, parsed.roots.as_ref())?,
            resolver: resolver.clone(),
        })
    }

    /// Returns whether the URL requires a server that accepts writes.
    pub(crate) fn needs_writes(&self) -> bool {
        self.needs_writes
    }

    /// Connects to the first host that accepts a connection. Fails with the reasons of all hosts.
    pub(crate) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        self.first_host(|host| self.connect_to(host)).await
    }

    /// Connects like [`connect`](Self::connect), for what diesel does not offer, such as `COPY`. The
    /// connection is closed once the client is dropped.
    pub(crate) async fn client(&self) -> ConnectionResult<Client> {
        self.first_host(|host| self.client_of(host)).await
    }

    async fn first_host<'a, T, F>(&'a self, connect: impl Fn(&'a Host) -> F) -> ConnectionResult<T>
    where
        F: Future<Output = Result<T, String>>,
    {
        let mut hosts: Vec<&Host> = self.hosts.iter().collect();
        if self.are_shuffled {
            hosts.shuffle(&mut rand::rng());
        }
        let mut failures = Vec::new();
        for host in hosts {
            let reason = match timeout(host.limit, connect(host)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(reason)) => reason,
                Err(_) => format!("no response within {} ms", host.limit.as_millis()),
            };
            failures.push(format!("{}: {reason}", host.name));
        }
        Err(ConnectionError::BadConnection(failures.join("; ")))
    }

    async fn connect_to(&self, host: &Host) -> Result<AsyncPgConnection, String> {
        let config = host.resolved(&self.resolver).await.map_err(|error| error.to_string())?;
        let connected = if let Some(tls) = &self.tls {
            let (client, connection) =
                config.connect(tls.clone()).await.map_err(|error| error_chain(&error))?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        } else {
            let (client, connection) =
                config.connect(NoTls).await.map_err(|error| error_chain(&error))?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        };
        connected.map_err(|error| error_chain(&error))
    }

    async fn client_of(&self, host: &Host) -> Result<Client, String> {
        let config = host.resolved(&self.resolver).await.map_err(|error| error.to_string())?;
        // An error of the connection also ends the statement that waits for it.
        if let Some(tls) = &self.tls {
            let (client, connection) =
                config.connect(tls.clone()).await.map_err(|error| error_chain(&error))?;
            tokio::spawn(connection);
            Ok(client)
        } else {
            let (client, connection) =
                config.connect(NoTls).await.map_err(|error| error_chain(&error))?;
            tokio::spawn(connection);
            Ok(client)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_hosts_are_listed_unless_tls_is_required() {
        for (place, unprotected) in [
            ("db.example/engage", &["db.example:5432"][..]),
            ("db.example/engage?sslmode=prefer", &["db.example:5432"]),
            ("10.0.0.5:6432/engage?sslmode=disable", &["10.0.0.5:6432"]),
            ("localhost,db2.example:5433/engage", &["db2.example:5433"]),
            ("localhost/engage?hostaddr=192.0.2.1", &["localhost:5432"]),
            ("localhost/engage", &[]),
            ("127.0.0.1:5433/engage?sslmode=disable", &[]),
            ("%2Frun%2Fpostgresql/engage", &[]),
            ("db.example/engage?sslmode=require", &[]),
            ("db.example/engage?sslmode=verify-full", &[]),
        ] {
            let found = unprotected_hosts(&format!("postgres://ann:secret@{place}")).unwrap();
            assert_eq!(found, unprotected, "{place}");
        }
    }
}
