//! Tests of AUTH and of the handling of the password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::server::{Do, Script, Server, say};
use crate::{channel_down, mailer, outcome};

const URL: &str = "smtp://desk%40example.com:s3cr%C3%A9t@HOST?tls=none";
const USER: &str = "desk@example.com";
const PASSWORD: &str = "s3cr\u{e9}t";

/// Returns the lines that the client sent to log in.
fn login(server: &Server) -> Vec<String> {
    server.seen().commands[0][1..].iter().take_while(|line| *line != MAIL).cloned().collect()
}

const MAIL: &str = "MAIL FROM:<support@desk.example>";

#[tokio::test]
async fn a_password_is_sent_immediately_if_the_server_supports_it() {
    for logins in ["PLAIN", "LOGIN PLAIN", "plain login CRAM-MD5"] {
        let server = Server::start(Script::new().with_logins(logins)).await;
        outcome(&mailer(&server, URL)).await.unwrap();
        let answer = STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
        assert_eq!(login(&server), [format!("AUTH PLAIN {answer}")], "{logins}");
    }
}

/// Returns a script that prompts for the user, then for the password.
fn asking() -> Script {
    let (user, password) = (STANDARD.encode(USER), STANDARD.encode(PASSWORD));
    Script::new()
        .with_logins("LOGIN XOAUTH2")
        .at("AUTH", say("334 VXNlcm5hbWU6"))
        .at(user.leak(), say("334 UGFzc3dvcmQ6"))
        .at(password.leak(), say("235 Welcome"))
}

#[tokio::test]
async fn a_password_is_sent_when_prompted_with_auth_login() {
    let server = Server::start(asking()).await;
    outcome(&mailer(&server, URL)).await.unwrap();
    let [user, password] = [USER, PASSWORD].map(|text| STANDARD.encode(text));
    assert_eq!(login(&server), ["AUTH LOGIN".to_owned(), user, password]);
    assert_eq!(server.seen().mails.len(), 1);
}

#[tokio::test]
async fn the_channel_stops_if_a_password_is_refused_at_any_step() {
    let refused = || say("535 5.7.8 Bad credentials");
    let (user, password) = (STANDARD.encode(USER).leak(), STANDARD.encode(PASSWORD).leak());
    for script in [
        asking().at("AUTH", refused()),
        asking().at(user, refused()),
        asking().at(password, refused()),
    ] {
        let server = Server::start(script).await;
        let reason = channel_down(outcome(&mailer(&server, URL)).await);
        assert_eq!(reason, "the mail server replied to AUTH with 535 5.7.8 Bad credentials");
        assert!(server.seen().mails.is_empty());
    }
}

#[tokio::test]
async fn the_channel_stops_without_a_supported_login() {
    for script in [Script::new(), Script::new().with_logins("CRAM-MD5 XOAUTH2")] {
        let server = Server::start(script).await;
        let reason = channel_down(outcome(&mailer(&server, URL)).await);
        assert!(reason.contains("no login"), "{reason}");
        assert_eq!(server.verbs(0), ["EHLO"]);
    }
}

#[tokio::test]
async fn a_login_that_does_not_end_stops_the_channel() {
    let server = Server::start(Script::new().with_logins("PLAIN").at("AUTH", say("334 "))).await;
    channel_down(outcome(&mailer(&server, URL)).await);
    assert_eq!(server.verbs(0), ["EHLO", "AUTH"]);
}

#[tokio::test]
async fn no_reason_repeats_the_password_even_if_the_server_does() {
    let answer = STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
    for echo in [
        format!("501 What is AUTH PLAIN {answer}?"),
        format!("435 {PASSWORD} is wrong"),
        format!("334 {answer}"),
        format!("501-What\r\n501 is {answer}"),
    ] {
        let code = echo[..3].to_owned();
        for what in [say(&echo), Do::SayAndClose(echo.clone())] {
            let script = Script::new().with_logins("PLAIN").at("AUTH", what);
            let server = Server::start(script).await;
            let failure = outcome(&mailer(&server, URL)).await.unwrap_err();
            assert_eq!(failure.to_string(), format!("the mail server replied to AUTH with {code}"));
            assert!(!format!("{failure:?}").contains(&answer), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn a_password_is_not_sent_unencrypted_if_the_server_offers_no_tls() {
    for (mode, reason) in [("opportunistic", "password is not sent"), ("required", "no TLS")] {
        let server = Server::start(Script::new().with_logins("PLAIN LOGIN")).await;
        let url = URL.replace("none", mode);
        let said = channel_down(outcome(&mailer(&server, &url)).await);
        assert!(said.contains(reason), "{said}");
        assert_eq!(server.verbs(0), ["EHLO"]);
    }
}
