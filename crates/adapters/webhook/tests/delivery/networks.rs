//! Networks that the sender reaches.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use engage_webhook::{Guard, Resolver, WebhookSettings};

use crate::receiver::{Behaviour, Receiver};
use crate::setting::{EveryHostIsHere, assert_rejected, assert_transient, deliver, open_settings};

/// Returns settings under which only the public internet may be called.
fn settings(resolver: impl Resolver + 'static) -> WebhookSettings {
    WebhookSettings::new(Guard::new(false, resolver))
}

/// A resolver that knows no host.
struct Nothing;

#[async_trait]
impl Resolver for Nothing {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("Name or service not known"))
    }
}

/// A resolver that returns a public address first, and then an address of this machine.
#[derive(Default)]
struct Rebinding(AtomicBool);

#[async_trait]
impl Resolver for Rebinding {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let is_asked_again = self.0.swap(true, Ordering::SeqCst);
        let address = if is_asked_again { [127, 0, 0, 1] } else { [93, 184, 215, 14] };
        Ok(vec![IpAddr::from(address)])
    }
}

#[tokio::test]
async fn a_name_with_a_private_address_is_blocked() {
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("https://hooks.example.com:{}", receiver.address.port());
    let outcome = deliver(&url, settings(EveryHostIsHere)).await;
    assert_rejected(&outcome, "blocked address");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_was_public_on_registration_is_blocked_once_it_is_private() {
    let settings = settings(Rebinding::default());
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("https://hooks.example.com:{}", receiver.address.port());
    settings.guard.check_resolved(&url.parse().unwrap()).await.unwrap();
    assert_rejected(&deliver(&url, settings).await, "blocked address");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_private_address_in_the_url_is_blocked() {
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let port = receiver.address.port();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"] {
        let outcome = deliver(&format!("https://{host}:{port}"), settings(EveryHostIsHere)).await;
        assert_rejected(&outcome, "blocked address");
    }
    let outcome = deliver(&format!("http://example.com:{port}"), settings(EveryHostIsHere)).await;
    assert_rejected(&outcome, "blocked address: the URL must begin with https://");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_a_transient_failure() {
    let outcome = deliver("https://hooks.example.com", settings(Nothing)).await;
    assert_transient(&outcome, "the host's name cannot be resolved: Name or service not known");
}

#[tokio::test]
async fn a_password_in_a_url_is_neither_sent_nor_reported() {
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://john:secret@{}", receiver.address);
    let outcome = deliver(&url, open_settings()).await;
    assert_rejected(&outcome, "must not contain a user name or a password");
    assert!(!format!("{outcome:?}").contains("secret"), "{outcome:?}");
    assert_eq!(receiver.connections(), 0);
}
