//! Tests of connection reuse.

use std::sync::Arc;
use std::time::Duration;

use engage_notifier::Notifier;
use tokio::sync::Barrier;

use crate::server::{Do, Script, Server, say};
use crate::{channel_down, mailer, outcome, transient};

const ONE_MESSAGE: [&str; 4] = ["EHLO", "MAIL", "RCPT", "DATA"];
const TWO_MESSAGES: [&str; 8] = ["EHLO", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"];

#[tokio::test]
async fn a_connection_serves_one_message_after_the_other() {
    let server = Server::start(Script::new()).await;
    let mailer = mailer(&server, "smtp://HOST");
    for _ in 0..2 {
        outcome(&mailer).await.unwrap();
    }
    assert_eq!(server.seen().commands.len(), 1);
    assert_eq!(server.verbs(0), TWO_MESSAGES);
}

#[tokio::test]
async fn a_refused_message_leaves_the_connection_to_the_next() {
    for place in ["MAIL", "RCPT", "DATA", "end"] {
        for code in ["451", "552"] {
            let server = Server::start(Script::new().at_time(1, place, say(code))).await;
            let mailer = mailer(&server, "smtp://HOST");
            outcome(&mailer).await.unwrap_err();
            outcome(&mailer).await.unwrap();
            assert_eq!(server.seen().commands.len(), 1, "{code} to {place}");
        }
    }
}

#[tokio::test]
async fn a_connection_closed_by_the_server_while_idle_fails_no_message() {
    let busy = || Do::SayAndClose("421 4.4.2 Idle for too long".to_owned());
    for script in [
        Script::new().at("end", Do::SayAndClose("250 Ok".to_owned())),
        Script::new().at("end", Do::SayAndClose("250 Ok\r\n421 Idle for too long".to_owned())),
        Script::new().at("RSET", Do::Close),
        Script::new().at("RSET", busy()),
        Script::new().at("RSET", say("502 What?")),
        Script::new().at_time(2, "MAIL", Do::Close),
        Script::new().at_time(2, "MAIL", busy()),
    ] {
        let server = Server::start_each(vec![script, Script::new()]).await;
        let mailer = mailer(&server, "smtp://HOST");
        for _ in 0..2 {
            outcome(&mailer).await.unwrap();
        }
        assert_eq!((server.seen().commands.len(), server.seen().mails.len()), (2, 2));
        assert_eq!(server.verbs(1), ONE_MESSAGE);
    }
}

#[tokio::test]
async fn a_started_message_is_not_restarted_automatically() {
    for place in ["RCPT", "DATA", "content", "end"] {
        let script = Script::new().at_time(2, place, Do::Close);
        let server = Server::start_each(vec![script, Script::new()]).await;
        let mailer = mailer(&server, "smtp://HOST");
        outcome(&mailer).await.unwrap();
        transient(outcome(&mailer).await);
        assert_eq!(server.seen().commands.len(), 1, "{place}");
        outcome(&mailer).await.unwrap();
        assert_eq!(server.verbs(1), ONE_MESSAGE);
    }
}

#[tokio::test]
async fn a_connection_is_closed_after_a_minute_of_idleness() {
    let server = Server::start(Script::new()).await;
    let mailer = mailer(&server, "smtp://HOST");
    outcome(&mailer).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    server.until_left_alone().await;
    assert_eq!(server.verbs(0).last().unwrap(), "QUIT");
    outcome(&mailer).await.unwrap();
    assert_eq!(server.verbs(1), ONE_MESSAGE);
}

#[tokio::test]
async fn a_connection_is_closed_when_the_mailer_is_dropped() {
    let server = Server::start(Script::new()).await;
    let mailer = mailer(&server, "smtp://HOST");
    outcome(&mailer).await.unwrap();
    drop(mailer);
    server.until_left_alone().await;
}

#[tokio::test]
async fn many_messages_share_four_connections() {
    // Each group of four gets its replies when all four have arrived.
    let four = Do::Meet(Arc::new(Barrier::new(4)), "250 Ok".to_owned());
    let server = Server::start(Script::new().at("end", four)).await;
    let mailer = Arc::new(mailer(&server, "smtp://HOST"));
    let deliveries: Vec<_> = (0..20)
        .map(|_| {
            let mailer = Arc::clone(&mailer);
            tokio::spawn(async move { outcome(&mailer).await })
        })
        .collect();
    for delivery in deliveries {
        delivery.await.unwrap().unwrap();
    }
    let seen = server.seen();
    assert_eq!((seen.most_open, seen.commands.len(), seen.mails.len()), (4, 4, 20));
}

#[tokio::test]
async fn a_cancelled_delivery_closes_its_connection_and_frees_its_slot() {
    let stalling = Script::new().at("RCPT", Do::Stall);
    let server = Server::start_each(vec![stalling; 5]).await;
    let mailer = mailer(&server, "smtp://HOST");
    for attempt in 0..5 {
        tokio::select! {
            outcome = outcome(&mailer) => panic!("{outcome:?}"),
            () = server.until(|seen| {
                seen.commands.get(attempt).is_some_and(|commands| commands.len() == 3)
            }) => {}
        }
    }
}

#[tokio::test]
async fn waiting_for_a_connection_times_out_after_a_minute() {
    let server = Server::start(Script::new().at("end", Do::Stall)).await;
    let mailer = Arc::new(mailer(&server, "smtp://HOST"));
    for _ in 0..4 {
        let mailer = Arc::clone(&mailer);
        tokio::spawn(async move { outcome(&mailer).await });
    }
    server.until(|seen| seen.mails.len() == 4).await;
    tokio::time::pause();
    let reason = transient(outcome(&mailer).await);
    assert_eq!(reason, "every connection to the mail server was in use for 60 s");
}

#[tokio::test]
async fn a_slow_login_does_not_reduce_the_time_of_the_message() {
    // Together they take longer than the two minutes that a message has.
    let server = Server::start(
        Script::new()
            .at("greeting", Do::SayAfter(Duration::from_secs(50), "220 mail.example".to_owned()))
            .at("end", Do::SayAfter(Duration::from_secs(90), "250 Ok".to_owned())),
    )
    .await;
    let mailer = mailer(&server, "smtp://HOST");
    tokio::time::pause();
    outcome(&mailer).await.unwrap();
    assert_eq!(server.seen().mails.len(), 1);
}

#[tokio::test]
async fn a_login_with_slow_steps_times_out_after_a_minute() {
    let slow = |text: &str| Do::SayAfter(Duration::from_secs(40), text.to_owned());
    let script = Script::new().at("greeting", slow("220 mail.example")).at("EHLO", slow("250 hi"));
    let server = Server::start(script).await;
    let mailer = mailer(&server, "smtp://HOST");
    tokio::time::pause();
    let reason = channel_down(outcome(&mailer).await);
    assert_eq!(reason, "no connection to the mail server within 60 s");
}

#[tokio::test]
async fn a_message_times_out_after_two_minutes_despite_replies() {
    let slow = |text: &str| Do::SayAfter(Duration::from_secs(50), text.to_owned());
    let script = Script::new().at("MAIL", slow("250 Ok")).at("RCPT", slow("250 Ok"));
    let server = Server::start(script.at("DATA", slow("354 Go"))).await;
    let mailer = mailer(&server, "smtp://HOST");
    tokio::time::pause();
    let reason = transient(outcome(&mailer).await);
    assert_eq!(reason, "the mail server did not accept the message within 120 s");
}

#[tokio::test]
async fn there_are_as_many_slots_as_connections() {
    let server = Server::start(Script::new()).await;
    assert_eq!(mailer(&server, "smtp://HOST").profile().slots.get(), 4);
}

#[tokio::test]
async fn connections_are_closed_with_quit_at_the_end() {
    let server = Server::start(Script::new()).await;
    let mailer = mailer(&server, "smtp://HOST");
    outcome(&mailer).await.unwrap();
    mailer.close().await;
    server.until_left_alone().await;
    assert_eq!(server.verbs(0).last().unwrap(), "QUIT");
}
