//! Tests of failing servers and networks.

use engage_notifier::{Notifier, NotifyError};
use engage_testkit::dns::DnsServer;
use mail_parser::MessageParser;
use tokio::net::TcpListener;

use crate::fixtures::{Words, notification_to};
use crate::server::{Do, Script, Server, say};
use crate::{channel_down, mailer, mailer_by, mailer_with, outcome, transient};

/// Checks whether a failure at this place precedes the message and therefore concerns the channel.
fn is_early(place: &str) -> bool {
    ["greeting", "EHLO", "AUTH"].contains(&place)
}

fn reason_at(place: &str, outcome: Result<(), NotifyError>) -> String {
    if is_early(place) { channel_down(outcome) } else { transient(outcome) }
}

const PLACES: [&str; 8] = ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "content", "end"];

#[tokio::test]
async fn a_server_that_hangs_times_out() {
    for place in PLACES.into_iter().filter(|place| *place != "content") {
        let hangs = Script::new().with_logins("PLAIN").at(place, Do::StallForEver);
        let server = Server::start(hangs).await;
        let mailer = mailer(&server, "smtp://u:p@HOST?tls=none");
        let begun = tokio::time::Instant::now();
        let reason = reason_at(place, outcome(&mailer).await);
        let seconds = begun.elapsed().as_secs();
        let limit = if place == "end" { 100 } else { 60 };
        assert!((limit..limit + 5).contains(&seconds), "{place}: {seconds}");
        assert!(reason.ends_with(&format!("within {limit} s")), "{reason}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_step_is_retried() {
    for place in PLACES {
        let script = Script::new().with_logins("PLAIN").at(place, Do::Close);
        let server = Server::start_each(vec![script, Script::new().with_logins("PLAIN")]).await;
        let mailer = mailer(&server, "smtp://u:p@HOST?tls=none");
        let reason = reason_at(place, outcome(&mailer).await);
        assert!(reason.starts_with("the connection to the mail server was lost"), "{reason}");
        outcome(&mailer).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_during_a_large_message_is_retried() {
    let server = Server::start(Script::new().at("content", Do::Close)).await;
    let words = Words::new("News", &"a line of text\r\n".repeat(400_000), "");
    let reason = transient(outcome(&mailer_with(&server, "smtp://HOST", words)).await);
    assert!(reason.starts_with("the connection to the mail server was lost"), "{reason}");
    assert!(server.seen().mails.is_empty());
}

#[tokio::test]
async fn a_message_that_may_have_been_accepted_is_retried_with_the_same_id() {
    let script = Script::new().at("end", Do::Close);
    let server = Server::start_each(vec![script, Script::new()]).await;
    let mailer = mailer(&server, "smtp://HOST");
    let notification = notification_to("john@example.com");
    let reason = transient(mailer.deliver(&notification).await);
    assert!(reason.contains("which it may have accepted"), "{reason}");
    mailer.deliver(&notification).await.unwrap();
    let mails = server.seen().mails;
    let ids = mails.iter().map(|mail| {
        let parsed = MessageParser::default().parse(&mail.message).unwrap();
        parsed.message_id().unwrap().to_owned()
    });
    assert_eq!(ids.collect::<Vec<_>>(), vec![format!("{}@desk.example", notification.id); 2]);
}

#[tokio::test]
async fn invalid_replies_are_reported() {
    for place in ["greeting", "EHLO", "RCPT", "end"] {
        for garbage in ["SSH-2.0-OpenSSH_9.2", "HTTP/1.1 400 Bad Request", "", "25", "\u{0}\u{ff}"]
        {
            let server =
                Server::start(Script::new().at(place, say(&format!("{garbage}\r\n")))).await;
            let reason = reason_at(place, outcome(&mailer(&server, "smtp://HOST")).await);
            assert!(reason.ends_with("cannot be understood"), "{reason}");
        }
    }
}

#[tokio::test]
async fn an_endless_reply_is_not_read_forever() {
    let endless = "x".repeat(1_000_000);
    let server = Server::start(Script::new().at("greeting", say(&format!("220 {endless}")))).await;
    let reason = channel_down(outcome(&mailer(&server, "smtp://HOST")).await);
    assert_eq!(reason, "the mail server's reply to the connection cannot be understood");
}

#[tokio::test]
async fn an_unreachable_server_stops_the_channel() {
    let server = Server::start(Script::new()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let reason = channel_down(outcome(&mailer(&server, &format!("smtp://{address}"))).await);
    assert!(reason.starts_with("the mail server cannot be reached: "), "{reason}");
}

#[tokio::test]
async fn a_mail_server_whose_name_cannot_be_resolved_stops_the_channel_with_the_reason() {
    let dns = DnsServer::start("broken.example SERVFAIL\ntexts.example TXT x");
    for (host, why) in [
        ("nobody.example", "does not exist in DNS (NXDOMAIN)"),
        ("broken.example", "(SERVFAIL); try again later"),
        ("texts.example", "has no A or AAAA records"),
    ] {
        let reason = channel_down(outcome(&mailer_by(&dns, &format!("smtp://{host}"))).await);
        assert!(reason.starts_with("the mail server cannot be reached: "), "{reason}");
        assert!(reason.contains(host) && reason.contains(why), "{reason}");
    }
}

#[tokio::test]
async fn a_mail_server_is_reached_by_any_of_its_addresses() {
    let server = Server::start(Script::new()).await;
    let dns = DnsServer::start("mail.example AAAA ::1\nmail.example A 127.0.0.1");
    let url = format!("smtp://mail.example:{}", server.address.port());
    outcome(&mailer_by(&dns, &url)).await.unwrap();
    assert_eq!(server.seen().mails.len(), 1);
}
