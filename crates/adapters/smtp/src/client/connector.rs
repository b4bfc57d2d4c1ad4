//! Establishes connections: TCP, TLS and authentication.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use engage_outbound::DnsResolver;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connection::{Connection, address_literal};
use super::failure::{Cause, Failure};
use super::step::Step;
use crate::url::{Protection, SmtpUrl};

/// Establishes connections according to a URL.
pub(crate) struct Connector {
    url: SmtpUrl,
    tls: TlsConnector,
    resolver: DnsResolver,
}

impl Connector {
    pub(crate) fn new(url: SmtpUrl, tls: Arc<ClientConfig>, resolver: DnsResolver) -> Self {
        Self { url, tls: tls.into(), resolver }
    }

    /// Connects, and authenticates if there are credentials.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let tcp = self.reach().await?;
        let lost = |error| Failure::new(Step::Connect, Cause::Lost(error));
        // The protocol sends short lines and waits for each reply.
        tcp.set_nodelay(true).map_err(lost)?;
        let name = match &self.url.client_name {
            Some(name) => name.clone(),
            None => address_literal(tcp.local_addr().map_err(lost)?),
        };
        let (mut connection, is_encrypted) = self.introduce(tcp, &name).await?;
        if let Some(credentials) = &self.url.credentials {
            if !is_encrypted && self.url.protection != Protection::None {
                return Err(Failure::new(Step::Auth, Cause::NoTlsForPassword));
            }
            connection.log_in(credentials).await?;
        }
        Ok(connection)
    }

    /// Sends EHLO, and returns true if the connection is encrypted.
    async fn introduce(&self, tcp: TcpStream, name: &str) -> Result<(Connection, bool), Failure> {
        let protection = self.url.protection;
        if protection == Protection::Implicit {
            let connection = Connection::greet(self.encrypt(tcp).await?, name).await?;
            return Ok((connection.boxed(), true));
        }
        let plain = Connection::greet(tcp, name).await?;
        if protection == Protection::None {
            return Ok((plain.boxed(), false));
        }
        if plain.offers_tls() {
            let tls = self.encrypt(plain.start_tls().await?).await?;
            return Ok((Connection::greet_again(tls, name).await?.boxed(), true));
        }
        if protection == Protection::Required {
            return Err(Failure::new(Step::StartTls, Cause::NoTls));
        }
        Ok((plain.boxed(), false))
    }

    /// Connects to the first address of the host that responds.
    async fn reach(&self) -> Result<TcpStream, Failure> {
        let failed = |cause| Failure::new(Step::Connect, cause);
        let end = Instant::now() + Step::Connect.limit();
        let found = timeout_at(end, self.resolver.addresses(&self.url.host.to_str())).await;
        let found = found.map_err(|_| failed(Cause::TimedOut))?;
        let addresses = found.map_err(|error| failed(Cause::Lost(error.into())))?;
        let mut last = Cause::Lost(io::Error::other("its name has no address"));
        for (place, address) in addresses.iter().enumerate() {
            let address = SocketAddr::new(*address, self.url.port);
            // An unresponsive address leaves time for those after it.
            let left = u32::try_from(addresses.len() - place).unwrap_or(u32::MAX);
            let share = end.saturating_duration_since(Instant::now()) / left;
            match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return Ok(tcp),
                Ok(Err(error)) => last = Cause::Lost(error),
                Err(_) => last = Cause::TimedOut,
            }
        }
        Err(failed(last))
    }

    async fn encrypt(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let end = Instant::now() + Step::Handshake.limit();
        let name: ServerName<'static> = self.url.host.clone();
        let cause = match timeout_at(end, self.tls.connect(name, tcp)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => Cause::Lost(error),
            Err(_) => Cause::TimedOut,
        };
        Err(Failure::new(Step::Handshake, cause))
    }
}
