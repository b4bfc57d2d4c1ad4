//! E-mails that a real mail server accepts or refuses: Postfix, after STARTTLS and AUTH.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::{World, addressees, eventually_error, notifications, once, sorted, text};
use crate::support::{
    Mail, MailServer, Server, Store, a_case_of_somebody, case_with, eventually, eventually_seen,
    on_both_stores,
};

on_both_stores! {
    a_real_mail_server_files_every_email_unchanged
    many_emails_arrive_once_each_over_few_connections
}

/// Text that a mail server might change: characters beyond ASCII, and lines with a meaning in SMTP
/// and in mailboxes.
const PROSE: &str = "Grüße aus Köln \u{2013} „heute“ 👩\u{200d}👩\u{200d}👧 👍🏽 e\u{301}\n\
    .\n..two dots\nFrom the start\n\n\ttab  two spaces\n日本語のテキスト = =C3=A9 =?utf-8?q?x?=";

impl World {
    /// Starts a server that sends its e-mails to this mail server.
    async fn start_server_with(&self, store: Store, server: &MailServer) -> Server {
        self.start_server_at(store, server, &server.url()).await
    }

    /// Starts a server with another URL of the mail server.
    async fn start_server_at(&self, store: Store, server: &MailServer, url: &str) -> Server {
        let certificate = server.certificate();
        let settings = [
            ("ENGAGE_EMAIL__URL", url),
            ("ENGAGE_EMAIL__ROOT_CERTIFICATES", &certificate),
            ("ENGAGE_EMAIL__FROM", "The Desk <desk@desk.example>"),
        ];
        self.start_server(store, &settings).await
    }
}

async fn a_real_mail_server_files_every_email_unchanged(store: Store) {
    let (world, postfix) = (World::new().await, MailServer::start().await);
    let server = world.start_server_with(store, &postfix).await;
    // The last line exceeds the maximum line length of an e-mail.
    let prose = format!("{PROSE}\n{}", "ü".repeat(2000));
    let mut case = case_with("message", prose.as_str());
    case["subject"] = json!("Zugang fällt aus 💥");
    let number = server.open(&case).await;
    server.update(&number, &json!({"message": prose})).await.ok();

    let mails = postfix.mails_once(4).await;
    let (customer, team) = ("john@example.com", "team@desk.example");
    assert_eq!(addressees(&mails), [customer, customer, team, team]);
    let seen = notifications(&server, &format!("caseNumber={number}&channel=EMAIL")).await;
    let sent = seen["notifications"].as_array().unwrap().iter();
    let expected_ids = sent.map(|message| format!("<{}@desk.example>", text(&message["id"])));
    let ids = mails.iter().map(|mail| mail.header("Message-ID").to_owned());
    assert_eq!(sorted(ids.collect()), sorted(expected_ids.collect()));
    let conversation = format!("<{}@desk.example>", number.to_lowercase());
    for mail in &mails {
        assert_eq!(mail.header("Delivered-To"), mail.to());
        assert_eq!(mail.header("Return-Path"), "<desk@desk.example>");
        assert_eq!(mail.header("From"), "\"The Desk\" <desk@desk.example>");
        assert_eq!(mail.header("References"), conversation);
        assert_eq!(mail.header("X-Auto-Response-Suppress"), "OOF, AutoReply");
        assert_eq!(mail.number(), number);
        let received = mail.header("Received");
        assert!(received.contains("using TLSv1.3"), "{received}");
        assert!(received.contains("(Authenticated sender: desk)"), "{received}");
        assert!(mail.text.contains(&number) && mail.html.contains(&number), "{mail:#?}");
    }
    // Anyone can trigger a confirmation to any address, so it does not repeat the text.
    let with_prose = mails.iter().filter(|mail| !mail.text.starts_with("We've received"));
    let with_prose: Vec<&Mail> = with_prose.collect();
    assert_eq!(with_prose.len(), 3);
    for mail in with_prose {
        assert!(mail.text.contains(&prose), "{}", mail.text);
        for line in prose.lines() {
            assert!(mail.html.contains(line.trim()), "{line:?} in {}", mail.html);
        }
    }
    let subjects: Vec<String> = mails.iter().map(Mail::subject).collect();
    let subject = format!("[{number}] Zugang fällt aus 💥");
    assert!(subjects.contains(&subject), "{subjects:#?}");
}

async fn many_emails_arrive_once_each_over_few_connections(store: Store) {
    let (world, postfix) = (World::new().await, MailServer::start().await);
    let server = world.start_server_with(store, &postfix).await;
    let openings = (0..25).map(|_| async { server.open(&a_case_of_somebody()).await });
    let numbers: BTreeSet<String> = join_all(openings).await.into_iter().collect();
    eventually_seen("fifty sent notifications", async || {
        let sent = notifications(&server, "channel=EMAIL&status=SENT").await;
        (sent["pagination"]["total"] == 50).then_some(())
    })
    .await;
    let mails = postfix.mails_once(50).await;
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 50);
    let arrived: BTreeSet<(&str, bool)> =
        mails.iter().map(|mail| (mail.number(), mail.to() == "team@desk.example")).collect();
    let both = |number| [(number, false), (number, true)];
    assert_eq!(arrived, numbers.iter().flat_map(|number| both(number.as_str())).collect());
    let connections = postfix.log().matches(": connect from ").count();
    assert!((1..=4).contains(&connections), "{connections} connections: {}", postfix.log());
}

/// On SQLite only, like the following tests, since the replies of a mail server do not depend on
/// the store.
#[tokio::test]
async fn an_address_refused_by_a_real_mail_server_is_dead_with_the_reason() {
    let (world, postfix) = (World::new().await, MailServer::start().await);
    let server = world.start_server_with(Store::Sqlite, &postfix).await;
    let number = server.open(&case_with("email", "nobody@empty.example")).await;
    let query = format!("caseNumber={number}&channel=EMAIL&status=DEAD");
    let dead = once(&server, &query, "DEAD").await;
    assert_eq!(dead["recipient"], "nobody@empty.example");
    assert_eq!(dead["attempts"], 1);
    let reason = text(&dead["lastError"]);
    assert!(reason.contains("550 5.1.1"), "{reason}");
    assert!(reason.contains("User unknown in virtual mailbox table"), "{reason}");
    // The connection can be used for others.
    assert_eq!(addressees(&postfix.mails_once(1).await), ["team@desk.example"]);
    once(&server, &format!("caseNumber={number}&channel=EMAIL&status=SENT"), "SENT").await;
    assert_eq!(server.get("/health").await.body["status"], "healthy");
}

#[tokio::test]
async fn a_wrong_password_at_a_real_mail_server_stops_the_channel() {
    let (world, postfix) = (World::new().await, MailServer::start().await);
    let url = postfix.url_with_password("another");
    let server = world.start_server_at(Store::Sqlite, &postfix, &url).await;
    server.open(&a_case_of_somebody()).await;
    let email = eventually_seen("a stopped channel", async || {
        let seen = notifications(&server, "channel=EMAIL").await;
        let channels = seen["channels"].as_array().unwrap().clone();
        channels.into_iter().find(|c| c["channel"] == "EMAIL" && c["state"] == "STOPPED")
    })
    .await;
    assert!(text(&email["lastError"]).contains("535"), "{email}");
    assert!(!email.to_string().contains("another"), "{email}");
    assert_eq!(server.get("/health").await.body["components"]["notifications"], "degraded");
    assert_eq!(postfix.mails().len(), 0);
}

#[tokio::test]
async fn a_mail_server_with_an_untrusted_certificate_gets_no_email_and_no_password() {
    let (world, postfix) = (World::new().await, MailServer::start().await);
    let server = world.start_server(Store::Sqlite, &[("ENGAGE_EMAIL__URL", &postfix.url())]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let waiting = eventually_seen("waiting notifications", async || {
        let seen = notifications(&server, "channel=EMAIL&status=PENDING").await;
        seen["notifications"].as_array().unwrap().first().cloned()
    })
    .await;
    let error = eventually_error(&server, &waiting).await;
    assert!(error.contains("certificate"), "{error}");
    eventually("the end of the connection", || {
        postfix.log().contains("disconnect from").then_some(())
    })
    .await;
    let log = postfix.log();
    assert!(!log.contains("auth=") && !log.contains("mail="), "{log}");
    assert_eq!(postfix.mails().len(), 0);
}
