//! Tests of refused messages, by command and code.

use engage_notifier::{Notifier, NotifyError, Presumption};

use crate::fixtures::notification_to;
use crate::server::{Do, Script, Server, say};
use crate::{ambiguous, channel_down, mailer, outcome, rejected, transient};

/// Returns the outcome of one message if the server sends this reply.
async fn answered(place: &'static str, reply: &str) -> Result<(), NotifyError> {
    let server = Server::start(Script::new().with_logins("PLAIN").at(place, say(reply))).await;
    outcome(&mailer(&server, "smtp://user:s3cret@HOST?tls=none")).await
}

#[tokio::test]
async fn temporary_refusals_of_a_started_message_are_retried() {
    for (place, reply, command) in [
        ("MAIL", "452 4.3.1 Insufficient system storage", "MAIL"),
        ("RCPT", "450 4.2.0 Greylisted, see you in 300 seconds", "RCPT"),
        ("RCPT", "451 4.7.1 Greylisting in action", "RCPT"),
        ("DATA", "451 4.3.0 Try again later", "DATA"),
        ("end", "451 4.3.0 Queue file write error", "the message"),
    ] {
        let reason = transient(answered(place, reply).await);
        assert_eq!(reason, format!("the mail server replied to {command} with {reply}"));
    }
}

#[tokio::test]
async fn a_busy_server_is_not_attributed_to_the_recipient() {
    for (place, reply, command) in [
        ("greeting", "421 4.3.2 Too many connections", "the connection"),
        ("EHLO", "421 4.3.2 Shutting down", "EHLO"),
        ("AUTH", "454 4.7.0 Temporary authentication failure", "AUTH"),
    ] {
        let refusal = ambiguous(answered(place, reply).await);
        assert_eq!(refusal.reason, format!("the mail server replied to {command} with {reply}"));
        assert_eq!(refusal.presumption, Presumption::Unknown);
        assert!(!refusal.depends_on_recipient);
    }
}

#[tokio::test]
async fn a_message_is_given_up_if_it_or_its_recipient_is_refused() {
    for (place, reply, command) in [
        ("RCPT", "550 5.1.1 No such user", "RCPT"),
        ("RCPT", "553 5.1.3 Mailbox name not allowed", "RCPT"),
        ("RCPT", "552 5.2.2 Over quota", "RCPT"),
        ("MAIL", "552 5.3.4 Too big", "MAIL"),
        ("end", "552 5.3.4 Too big", "the message"),
        ("end", "554 5.6.0 Will not have it", "the message"),
    ] {
        let reason = rejected(answered(place, reply).await);
        assert_eq!(reason, format!("the mail server replied to {command} with {reply}"));
    }
}

#[tokio::test]
async fn an_ambiguous_refusal_includes_a_presumption() {
    use Presumption::{Recipient, Sender, Unknown};
    for (place, reply, presumption, kind) in [
        ("RCPT", "550 No such user", Recipient, "RCPT: 550 No such user"),
        ("RCPT", "553 5.7.1 <john@example.com>: Sender address rejected", Unknown, "RCPT: X.7"),
        ("RCPT", "554 <john@example.com>: Relay denied", Unknown, "RCPT: 554 Relay denied"),
        ("RCPT", "530 5.7.1 Authentication required", Sender, "RCPT: X.7"),
        ("RCPT", "504 5.5.2 Helo rejected", Sender, "RCPT: 504 X.5.2 Helo rejected"),
        ("DATA", "554 No valid recipients", Unknown, "DATA: 554 No valid recipients"),
        ("end", "550 5.4.5 Daily limit", Sender, "the message: 550 X.4.5 Daily limit"),
        ("end", "554 5.7.0 Try again later", Sender, "the message: 554 X.7.0 Try again later"),
    ] {
        let refusal = ambiguous(answered(place, reply).await);
        assert!(refusal.reason.ends_with(reply), "{}", refusal.reason);
        assert_eq!((refusal.presumption, &*refusal.kind), (presumption, kind), "{reply}");
        assert!(refusal.depends_on_recipient);
    }
}

#[tokio::test]
async fn the_channel_stops_if_no_message_would_be_accepted() {
    for (place, reply, command) in [
        ("greeting", "554 5.7.1 No service for you", "the connection"),
        ("EHLO", "550 5.7.1 Bad name", "EHLO"),
        ("EHLO", "502 5.5.1 Unknown command", "EHLO"),
        ("AUTH", "535 5.7.8 Authentication failed", "AUTH"),
        ("AUTH", "534 5.7.9 Too weak", "AUTH"),
        ("MAIL", "550 Sender not allowed", "MAIL"),
        ("MAIL", "550 5.1.1 Sender not known", "MAIL"),
    ] {
        let reason = channel_down(answered(place, reply).await);
        assert_eq!(reason, format!("the mail server replied to {command} with {reply}"));
    }
}

#[tokio::test]
async fn a_conversation_out_of_order_is_retried_later() {
    for (place, reply) in [("MAIL", "354 Go"), ("DATA", "250 Ok"), ("end", "354 Go on")] {
        let reason = transient(answered(place, reply).await);
        assert!(reason.ends_with(reply), "{reason}");
    }
}

#[tokio::test]
async fn other_positive_replies_are_accepted() {
    for (place, reply) in
        [("RCPT", "251 Will forward"), ("RCPT", "252 Cannot tell"), ("end", "200")]
    {
        answered(place, reply).await.unwrap();
    }
}

#[tokio::test]
async fn staff_see_one_line_of_what_the_server_says() {
    let reply = format!("550-5.7.1 \u{1b}[2Jsee\t \r\n550 {}", "\u{e9}".repeat(500));
    let reason = ambiguous(answered("RCPT", &reply).await).reason;
    assert!(reason.contains("550 5.7.1 [2Jsee \u{e9}"), "{reason}");
    assert!(reason.chars().count() < 250 && !reason.contains(char::is_control), "{reason}");
}

#[tokio::test]
async fn a_refused_recipient_does_not_affect_the_next() {
    let server = Server::start(Script::new().at_time(1, "RCPT", say("550 5.1.1 Unknown"))).await;
    let mailer = mailer(&server, "smtp://HOST");
    rejected(mailer.deliver(&notification_to("nobody@example.com")).await);
    mailer.deliver(&notification_to("john@example.com")).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.mails.len(), 1);
    assert!(String::from_utf8_lossy(&seen.mails[0].message).contains("To: john@example.com"));
}

#[tokio::test]
async fn a_server_may_disconnect_after_a_refusal() {
    let no = Do::SayAndClose("550 5.1.1 Unknown".to_owned());
    let server = Server::start(Script::new().at("RCPT", no)).await;
    let mailer = mailer(&server, "smtp://HOST");
    for _ in 0..2 {
        assert!(rejected(outcome(&mailer).await).ends_with("550 5.1.1 Unknown"));
    }
}
