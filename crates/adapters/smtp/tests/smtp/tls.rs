//! Tests of STARTTLS and of TLS from the first octet.

use engage_notifier::Notifier;
use engage_smtp::{DnsResolver, Mailer, TrustedRoots};

use crate::fixtures::{Words, notification_to};
use crate::server::{Do, Script, Server, say};
use crate::{ambiguous, channel_down, mailer, outcome};

const URLS: [&str; 3] =
    ["smtp://HOST?tls=required", "smtp://HOST?tls=opportunistic", "smtps://HOST"];

fn script_for(url: &str) -> Script {
    if url.starts_with("smtps") {
        Script::new().with_implicit_tls()
    } else {
        Script::new().with_starttls()
    }
}

#[tokio::test]
async fn a_message_is_encrypted_if_the_url_requests_tls() {
    for url in URLS {
        let server = Server::start(script_for(url)).await;
        outcome(&mailer(&server, url)).await.unwrap();
        let [received] = &server.seen().mails[..] else { panic!("{url}") };
        assert!(received.is_encrypted, "{url}");
    }
}

#[tokio::test]
async fn ehlo_is_repeated_after_starttls() {
    let server = Server::start(Script::new().with_starttls().with_logins("PLAIN")).await;
    outcome(&mailer(&server, "smtp://u:p@HOST?tls=required")).await.unwrap();
    let verbs = ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"];
    assert_eq!(server.verbs(0), verbs);
}

#[tokio::test]
async fn a_reused_connection_stays_encrypted() {
    for url in URLS {
        let server = Server::start(script_for(url)).await;
        let mailer = mailer(&server, url);
        for _ in 0..3 {
            outcome(&mailer).await.unwrap();
        }
        let seen = server.seen();
        assert_eq!((seen.commands.len(), seen.mails.len()), (1, 3));
        assert!(seen.mails.iter().all(|mail| mail.is_encrypted));
    }
}

#[tokio::test]
async fn starttls_is_not_used_without_tls() {
    let server = Server::start(Script::new().with_starttls()).await;
    outcome(&mailer(&server, "smtp://HOST?tls=none")).await.unwrap();
    assert!(!server.seen().mails[0].is_encrypted);
}

#[tokio::test]
async fn only_opportunistic_tls_continues_if_the_server_offers_none() {
    let server = Server::start(Script::new()).await;
    outcome(&mailer(&server, "smtp://HOST?tls=opportunistic")).await.unwrap();
    assert!(!server.seen().mails[0].is_encrypted);
    let reason = channel_down(outcome(&mailer(&server, "smtp://HOST?tls=required")).await);
    assert_eq!(reason, "the mail server offers no TLS (STARTTLS)");
    assert_eq!(server.verbs(1), ["EHLO"]);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    for url in URLS {
        let server = Server::start(script_for(url)).await;
        let other = Server::start(Script::new()).await;
        let url = url.replace("HOST", &server.address.to_string());
        let reason = channel_down(outcome(&mailer(&other, &url)).await);
        assert!(reason.contains("UnknownIssuer"), "{reason}");
        assert!(server.seen().mails.is_empty());
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    for url in URLS {
        let server = Server::start_named("mail.example", vec![script_for(url)]).await;
        let reason = channel_down(outcome(&mailer(&server, url)).await);
        assert!(reason.contains("not valid for name"), "{reason}");
        assert!(server.seen().mails.is_empty());
    }
}

#[tokio::test]
async fn a_certificate_may_be_for_a_name() {
    let server = Server::start_named("localhost", vec![Script::new().with_starttls()]).await;
    let url = format!("smtp://localhost:{}?tls=required", server.address.port());
    outcome(&mailer(&server, &url)).await.unwrap();
    assert!(server.seen().mails[0].is_encrypted);
}

#[tokio::test]
async fn a_temporary_starttls_failure_is_retried_and_a_refusal_stops_the_channel() {
    let not_now = Script::new().with_starttls().at("STARTTLS", say("454 4.7.0 Not available"));
    let never = Script::new().with_starttls().at("STARTTLS", say("502 5.5.1 Not implemented"));
    for url in &URLS[..2] {
        let server = Server::start_each(vec![not_now.clone(), never.clone()]).await;
        let mailer = mailer(&server, url);
        let refusal = ambiguous(outcome(&mailer).await);
        assert!(refusal.reason.ends_with("STARTTLS with 454 4.7.0 Not available"));
        assert!(channel_down(outcome(&mailer).await).ends_with("502 5.5.1 Not implemented"));
        assert!(server.seen().mails.is_empty());
    }
}

#[tokio::test]
async fn replies_injected_before_tls_do_not_count() {
    let injected = "220 Go\r\n250-mail.example\r\n250 AUTH PLAIN";
    let server = Server::start(Script::new().with_starttls().at("STARTTLS", say(injected))).await;
    let reason = channel_down(outcome(&mailer(&server, "smtp://HOST?tls=required")).await);
    assert!(reason.contains("something other than TLS"), "{reason}");
    assert_eq!(server.verbs(0), ["EHLO", "STARTTLS"]);
}

#[tokio::test]
async fn a_failed_handshake_stops_the_channel() {
    let script = Script::new().with_starttls();
    for what in [Do::SayAndClose("220 Go".to_owned()), say("220 Go\r\n\r\nnot TLS")] {
        let server = Server::start(script.clone().at("STARTTLS", what)).await;
        channel_down(outcome(&mailer(&server, "smtp://HOST?tls=required")).await);
        assert!(server.seen().mails.is_empty());
    }
    let plain = Server::start(Script::new()).await;
    let reason = channel_down(outcome(&mailer(&plain, "smtps://HOST")).await);
    assert!(reason.starts_with("TLS with the mail server failed: "), "{reason}");
}

#[tokio::test]
async fn a_handshake_that_hangs_times_out_after_ten_seconds() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::start(Script::new()).await;
    let mailer = mailer(&server, &format!("smtps://{address}"));
    let notification = notification_to("john@example.com");
    let hanging = async {
        let (connection, _) = listener.accept().await.unwrap();
        // The first octet of the handshake has arrived, so nothing else is in progress.
        connection.readable().await.unwrap();
        tokio::time::pause();
        std::future::pending::<()>().await;
    };
    let reason = tokio::select! {
        outcome = mailer.deliver(&notification) => channel_down(outcome),
        () = hanging => unreachable!(),
    };
    assert_eq!(reason, "the mail server did not reply to the TLS handshake within 10 s");
}

#[test]
fn tls_without_any_root_certificate_is_refused_immediately() {
    let words = || Words::new("News", "Hello", "");
    let sender = || "support@desk.example".parse().unwrap();
    for url in URLS {
        let url = url.replace("HOST", "mail.example").parse().unwrap();
        let refused =
            Mailer::new(url, TrustedRoots::none(), sender(), words(), DnsResolver::system());
        assert!(refused.map(drop).unwrap_err().to_string().contains("root certificates"));
    }
    let url = "smtp://mail.example".parse().unwrap();
    assert!(
        Mailer::new(url, TrustedRoots::none(), sender(), words(), DnsResolver::system()).is_ok()
    );
}
