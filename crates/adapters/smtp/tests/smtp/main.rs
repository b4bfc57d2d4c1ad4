//! Conversations with a mail server, over sockets, from the greeting to the end.

#![allow(clippy::unwrap_used, clippy::panic)]

mod certificates;
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
use engage_smtp::{Mailer, TrustedRoots};

use crate::fixtures::{Words, notification_to};
use crate::server::Server;

/// What delivers to a server: `url` has `HOST` where its address goes.
fn mailer(server: &Server, url: &str) -> Mailer {
    mailer_with(server, url, Words::new("News", "Hello", "<p>Hello</p>"))
}

fn mailer_with(server: &Server, url: &str, words: Arc<dyn MessageRenderer>) -> Mailer {
    let url = url.replace("HOST", &server.address.to_string()).parse().unwrap();
    let roots = TrustedRoots::none().with_pem(server.root.as_bytes()).unwrap();
    let sender = "Support <support@desk.example>".parse().unwrap();
    Mailer::new(url, roots, sender, words).unwrap()
}

/// The outcome of one message to John.
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

/// What is for others to show, and what it is taken for until then.
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
