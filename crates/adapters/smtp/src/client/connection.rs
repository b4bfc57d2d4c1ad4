//! A connection to the mail server, from the greeting to QUIT.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::failure::{Cause, Failure};
use super::reply::Reply;
use super::step::Step;
use super::wire::{Wire, transparent};
use crate::url::Credentials;

/// A byte stream in both directions, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Extensions that the server announces (RFC 5321, section 4.1.1.1).
struct Offers {
    starttls: bool,
    /// AUTH mechanisms in upper case.
    logins: HashSet<String>,
}

impl Offers {
    fn read(reply: &Reply) -> Self {
        let mut offers = Self { starttls: false, logins: HashSet::new() };
        // The first line is the server's name.
        for line in reply.lines.iter().skip(1) {
            // Old servers write `AUTH=`.
            let line = line.to_ascii_uppercase().replace('=', " ");
            let mut words = line.split_whitespace().map(str::to_owned);
            match words.next().as_deref() {
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => offers.logins.extend(words),
                _ => {}
            }
        }
        offers
    }
}

/// A connection after the greeting and EHLO.
pub(super) struct Connection<S = Box<dyn Stream>> {
    wire: Wire<S>,
    offers: Offers,
}

impl<S: Stream> Connection<S> {
    /// Waits for the greeting and sends EHLO.
    pub(super) async fn greet(stream: S, name: &str) -> Result<Self, Failure> {
        let mut wire = Wire::new(stream);
        wire.hear(Step::Greeting).await?;
        Self::introduce(wire, name).await
    }

    /// Sends EHLO on a connection that has switched to TLS. There is no second greeting, and
    /// extensions announced before TLS do not count (RFC 3207, section 4.2).
    pub(super) async fn greet_again(stream: S, name: &str) -> Result<Self, Failure> {
        Self::introduce(Wire::new(stream), name).await
    }

    async fn introduce(mut wire: Wire<S>, name: &str) -> Result<Self, Failure> {
        let reply = wire.ask(Step::Ehlo, format!("EHLO {name}\r\n").as_bytes()).await?;
        Ok(Self { wire, offers: Offers::read(&reply) })
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.offers.starttls
    }

    /// Requests TLS and returns the stream for the handshake.
    pub(super) async fn start_tls(mut self) -> Result<S, Failure> {
        self.wire.ask(Step::StartTls, b"STARTTLS\r\n").await?;
        self.wire.into_stream().ok_or(Failure::new(Step::StartTls, Cause::Garbled))
    }

    /// Authenticates with AUTH PLAIN (RFC 4616), or else with AUTH LOGIN, which is older and not
    /// standardized.
    pub(super) async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let (user, password) =
            (credentials.user.expose_secret(), credentials.password.expose_secret());
        let answers = if self.offers.logins.contains("PLAIN") {
            vec![("AUTH PLAIN ", STANDARD.encode(format!("\0{user}\0{password}")))]
        } else if self.offers.logins.contains("LOGIN") {
            // Servers differ in how they prompt for the two, but not in the order.
            vec![
                ("AUTH LOGIN", String::new()),
                ("", STANDARD.encode(user)),
                ("", STANDARD.encode(password)),
            ]
        } else {
            return Err(Failure::new(Step::Auth, Cause::NoLogin));
        };
        let last = answers.len() - 1;
        for (place, (command, secret)) in answers.into_iter().enumerate() {
            // Servers may echo what they did not understand.
            let hide = |reply: Reply| reply.without(&[&secret, password]);
            let asked =
                self.wire.ask(Step::Auth, format!("{command}{secret}\r\n").as_bytes()).await;
            let reply = asked.map_err(|failure| failure.map_reply(hide))?;
            let wants_more = reply.class() == 3;
            if wants_more != (place < last) {
                return Err(Failure::new(Step::Auth, Cause::Reply(hide(reply))));
            }
        }
        Ok(())
    }

    /// Starts a message from this address.
    pub(super) async fn begin(&mut self, from: &str) -> Result<(), Failure> {
        self.wire.ask(Step::Mail, format!("MAIL FROM:<{from}>\r\n").as_bytes()).await.map(drop)
    }

    /// Resets the connection for another message.
    pub(super) async fn reset(&mut self) -> Result<(), Failure> {
        self.wire.ask(Step::Reset, b"RSET\r\n").await.map(drop)
    }

    /// Sends the recipient and the message.
    pub(super) async fn finish(&mut self, to: &str, message: &[u8]) -> Result<(), Failure> {
        self.wire.ask(Step::Recipient, format!("RCPT TO:<{to}>\r\n").as_bytes()).await?;
        self.wire.ask(Step::Data, b"DATA\r\n").await?;
        self.wire.send(&transparent(message)).await.map(drop)
    }

    /// Sends QUIT, as required by RFC 5321, section 4.1.1.10.
    pub(super) async fn quit(mut self) {
        // The connection is closed no matter how the server replies.
        let _ = timeout(Step::Reset.limit(), self.wire.ask(Step::Reset, b"QUIT\r\n")).await;
    }
}

impl<S: Stream + 'static> Connection<S> {
    /// Boxes the stream of this connection.
    pub(super) fn boxed(self) -> Connection {
        Connection { wire: self.wire.map(|stream| Box::new(stream) as _), offers: self.offers }
    }
}

/// Formats this machine's address for EHLO when no host name is configured (RFC 5321, section
/// 4.1.4).
pub(super) fn address_literal(address: SocketAddr) -> String {
    match address.ip().to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_parsed_in_any_spelling() {
        let lines = ["AUTH.example", "SIZE 1000", "starttls", "AUTH=LOGIN", "auth Plain CRAM-MD5"];
        let reply = Reply { code: 250, lines: lines.map(str::to_owned).to_vec() };
        let offers = Offers::read(&reply);
        assert!(offers.starttls);
        let mut logins: Vec<_> = offers.logins.into_iter().collect();
        logins.sort_unstable();
        assert_eq!(logins, ["CRAM-MD5", "LOGIN", "PLAIN"]);
    }

    #[test]
    fn a_server_named_like_an_extension_offers_nothing() {
        let reply = Reply { code: 250, lines: vec!["STARTTLS at your service".to_owned()] };
        assert!(!Offers::read(&reply).starttls);
    }

    #[test]
    fn an_address_is_written_as_a_literal() {
        for (address, literal) in [
            ("192.0.2.1:40000", "[192.0.2.1]"),
            ("[2001:db8::1]:40000", "[IPv6:2001:db8::1]"),
            ("[::ffff:192.0.2.1]:40000", "[192.0.2.1]"),
        ] {
            assert_eq!(address_literal(address.parse().unwrap()), literal);
        }
    }
}
