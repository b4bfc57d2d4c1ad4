//! One connection to the mail server, from the greeting to QUIT.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::failure::{Cause, Failure};
use super::reply::Reply;
use super::step::Step;
use super::wire::{Wire, transparent};
use crate::url::Credentials;

/// Bytes both ways, by TLS or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// What the server says that it can do (RFC 5321, section 4.1.1.1).
struct Offers {
    starttls: bool,
    /// In capitals.
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

/// A connection over which the greeting was heard and EHLO said.
pub(super) struct Connection<S = Box<dyn Stream>> {
    wire: Wire<S>,
    offers: Offers,
}

impl<S: Stream> Connection<S> {
    /// Waits for the greeting, and introduces this client.
    pub(super) async fn greet(stream: S, name: &str) -> Result<Self, Failure> {
        let mut wire = Wire::new(stream);
        wire.hear(Step::Greeting).await?;
        Self::introduce(wire, name).await
    }

    /// Introduces this client on a connection that has become a TLS connection: there is no second
    /// greeting, and what the server offered before does not count (RFC 3207, section 4.2).
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

    /// Asks for TLS, and gives out the stream for the handshake.
    pub(super) async fn start_tls(mut self) -> Result<S, Failure> {
        self.wire.ask(Step::StartTls, b"STARTTLS\r\n").await?;
        self.wire.into_stream().ok_or(Failure::new(Step::StartTls, Cause::Garbled))
    }

    /// Logs in by AUTH PLAIN (RFC 4616) or else AUTH LOGIN, which is older and no standard.
    pub(super) async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let Credentials { user, password } = credentials;
        let answers = if self.offers.logins.contains("PLAIN") {
            vec![("AUTH PLAIN ", STANDARD.encode(format!("\0{user}\0{password}")))]
        } else if self.offers.logins.contains("LOGIN") {
            // Servers differ in how they ask for the two, not in which they ask for first.
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
            // Servers may repeat what they did not understand.
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

    /// Begins a message from this address.
    pub(super) async fn begin(&mut self, from: &str) -> Result<(), Failure> {
        self.wire.ask(Step::Mail, format!("MAIL FROM:<{from}>\r\n").as_bytes()).await.map(drop)
    }

    /// Makes ready for another message.
    pub(super) async fn reset(&mut self) -> Result<(), Failure> {
        self.wire.ask(Step::Reset, b"RSET\r\n").await.map(drop)
    }

    /// Says to whom the message goes, and sends it.
    pub(super) async fn finish(&mut self, to: &str, message: &[u8]) -> Result<(), Failure> {
        self.wire.ask(Step::Recipient, format!("RCPT TO:<{to}>\r\n").as_bytes()).await?;
        self.wire.ask(Step::Data, b"DATA\r\n").await?;
        self.wire.send(&transparent(message)).await.map(drop)
    }

    /// Takes leave, as RFC 5321, section 4.1.1.10, wants it.
    pub(super) async fn quit(mut self) {
        // The connection is closed whatever the server says to it.
        let _ = timeout(Step::Reset.limit(), self.wire.ask(Step::Reset, b"QUIT\r\n")).await;
    }
}

impl<S: Stream + 'static> Connection<S> {
    /// The same, whatever it goes by.
    pub(super) fn boxed(self) -> Connection {
        Connection { wire: self.wire.map(|stream| Box::new(stream) as _), offers: self.offers }
    }
}

/// What this machine calls itself without a name of its own: its address, as RFC 5321, section
/// 4.1.4, has it.
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
    fn what_a_server_offers_is_read_however_it_is_written() {
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
