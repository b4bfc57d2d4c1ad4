//! Tests of whole conversations with a mail server over sockets.

#![allow(clippy::unwrap_used, clippy::panic)]

mod certificates;
mod contract;
mod delivering;
mod faults;
#[path = "../../src/fixtures.rs"]
mod fixtures;
mod keeping;
mod logging_in;
mod refusals;
mod server;
mod tls;

use std::sync::Arc;

use engage_notifier::{MessageRenderer, Notifier, NotifyError, Refusal};
use engage_smtp::{DnsResolver, Mailer, TrustedRoots};
use engage_testkit::dns::DnsServer;

use crate::fixtures::{Words, notification_to};
use crate::server::Server;

/// Builds a mailer for a server. `HOST` in `url` is replaced by the server's address.
fn mailer(server: &Server, url: &str) -> Mailer {
    mailer_with(server, url, Words::new("News", "Hello", "<p>Hello</p>"))
}

fn mailer_with(server: &Server, url: &str, words: Arc<dyn MessageRenderer>) -> Mailer {
    let url = url.replace("HOST", &server.address.to_string()).parse().unwrap();
    let roots = TrustedRoots::none().with_pem(server.root.as_bytes()).unwrap();
    let sender = "Support <support@desk.example>".parse().unwrap();
    Mailer::new(url, roots, sender, words, DnsResolver::system()).unwrap()
}

/// Builds a mailer for a URL that asks a DNS server.
fn mailer_by(dns: &DnsServer, url: &str) -> Mailer {
    let (url, sender) = (url.parse().unwrap(), "support@desk.example".parse().unwrap());
    let words = Words::new("News", "Hello", "<p>Hello</p>");
    let resolver = DnsResolver::with_servers(&[dns.address()]);
    Mailer::new(url, TrustedRoots::none(), sender, words, resolver).unwrap()
}

/// Returns the outcome of one message to John.
async fn outcome(mailer: &Mailer) -> Result<(), NotifyError> {
    mailer.deliver(&notification_to("john@example.com")).await
}

fn transient(outcome: Result<(), NotifyError>) -> String {
    match outcome {
        Err(NotifyError::Transient { reason, retry_after: None }) => reason,
        outcome => panic!("{outcome:?}"),
    }
}

fn rejected(outcome: Result<(), NotifyError>) -> String {
    match outcome {
        Err(NotifyError::Rejected { reason }) => reason,
        outcome => panic!("{outcome:?}"),
    }
}

/// Returns the refusal of an ambiguous outcome.
fn ambiguous(outcome: Result<(), NotifyError>) -> Refusal {
    match outcome {
        Err(NotifyError::Ambiguous(refusal)) => refusal,
        outcome => panic!("{outcome:?}"),
    }
}

fn channel_down(outcome: Result<(), NotifyError>) -> String {
    match outcome {
        Err(NotifyError::ChannelDown { reason }) => reason,
        outcome => panic!("{outcome:?}"),
    }
}
