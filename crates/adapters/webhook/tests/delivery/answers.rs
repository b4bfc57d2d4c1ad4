//! Outcomes of an endpoint's responses, and of missing ones.

use std::time::Duration;

use engage_notifier::NotifyError;
use engage_webhook::WebhookSettings;
use tokio::net::TcpListener;

use crate::receiver::{Behaviour, Receiver};
use crate::setting::{assert_transient, deliver, hasty_settings, open_settings};

/// Delivers to an endpoint with this behaviour.
async fn deliver_to(behaviour: Behaviour) -> Result<(), NotifyError> {
    let receiver = Receiver::start(behaviour).await;
    deliver(&format!("http://{}", receiver.address), open_settings()).await
}

#[tokio::test]
async fn a_success_delivers() {
    for status in ["200 OK", "201 Created", "202 Accepted", "204 No Content"] {
        assert_eq!(deliver_to(Behaviour::status(status)).await, Ok(()), "{status}");
    }
}

#[tokio::test]
async fn a_failure_is_transient_and_its_body_is_not_reported() {
    for status in
        ["400 Bad Request", "401 Unauthorized", "404 Not Found", "500 Internal Server Error"]
    {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 9\r\n\r\npassword!");
        let outcome = deliver_to(Behaviour::Answer(answer)).await;
        let expected = NotifyError::transient(format!("the endpoint returned {status}"));
        assert_eq!(outcome, Err(expected));
    }
}

#[tokio::test]
async fn an_overloaded_endpoint_can_set_the_delay() {
    for status in [
        "429 Too Many Requests",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nretry-after: 90\r\ncontent-length: 0\r\n\r\n");
        let outcome = deliver_to(Behaviour::Answer(answer)).await;
        let expected = NotifyError::Overloaded {
            reason: format!("the endpoint returned {status}"),
            retry_after: Some(Duration::from_secs(90)),
        };
        assert_eq!(outcome, Err(expected));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_unwanted() {
    let outcome = deliver_to(Behaviour::status("410 Gone")).await;
    let reason = "the endpoint returned 410 Gone".to_owned();
    assert_eq!(outcome, Err(NotifyError::Unwanted { reason }));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let target = Receiver::start(Behaviour::status("200 OK")).await;
    for status in ["301 Moved Permanently", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("http://{}/", target.address);
        let answer =
            format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let outcome = deliver_to(Behaviour::Answer(answer)).await;
        assert_transient(&outcome, &format!("the endpoint returned {status}: redirects"));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_endpoint_that_does_not_respond_times_out() {
    let receiver = Receiver::start(Behaviour::AnswerAndHang(String::new())).await;
    let settings = hasty_settings(Duration::from_millis(200));
    let outcome = deliver(&format!("http://{}", receiver.address), settings).await;
    assert_transient(&outcome, "the endpoint did not respond within 200ms");
}

#[tokio::test]
async fn a_success_does_not_depend_on_its_body() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nno length",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone",
        "HTTP/1.0 201 Created\r\n\r\nuntil the end",
    ] {
        let outcome = deliver_to(Behaviour::AnswerAndClose(answer.to_owned())).await;
        assert_eq!(outcome, Ok(()), "{answer}");
        let outcome = deliver_to(Behaviour::AnswerAndHang(answer.to_owned())).await;
        assert_eq!(outcome, Ok(()), "{answer}");
    }
}

#[tokio::test]
async fn unusual_receivers_get_an_understandable_reason() {
    let lines = "x-more: 1\r\n".repeat(120);
    let head = format!("HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n");
    assert_transient(&deliver_to(Behaviour::Answer(head)).await, "more than 100 lines");
    // The preface of a server that supports HTTP/2 only: an empty SETTINGS frame.
    let settings = "\0\0\0\u{4}\0\0\0\0\0".to_owned();
    assert_transient(&deliver_to(Behaviour::AnswerAndClose(settings)).await, "HTTP/2 only");
}

#[tokio::test]
async fn the_body_of_a_failure_is_not_waited_for() {
    let head = "HTTP/1.1 410 Gone\r\ncontent-length: 10\r\n\r\nslow".to_owned();
    let outcome = deliver_to(Behaviour::AnswerAndHang(head)).await;
    assert!(matches!(outcome, Err(NotifyError::Unwanted { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let mut receiver = Receiver::start(Behaviour::Endless).await;
    deliver(&format!("http://{}", receiver.address), open_settings()).await.unwrap();
    receiver.closed().await;
}

#[tokio::test]
async fn a_body_beyond_64_kib_is_not_an_error() {
    for length in [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 1024 * 1024] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let answer = head + &"x".repeat(length);
        assert_eq!(deliver_to(Behaviour::Answer(answer)).await, Ok(()), "{length}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_a_transient_failure() {
    let nothing = deliver_to(Behaviour::AnswerAndClose(String::new())).await;
    assert_transient(&nothing, "no response: ");
    let nonsense = deliver_to(Behaviour::AnswerAndClose("SSH-2.0-OpenSSH\r\n".to_owned())).await;
    assert_transient(&nonsense, "no response: ");
}

#[tokio::test]
async fn a_refused_connection_is_a_transient_failure() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let outcome = deliver(&format!("http://{address}"), open_settings()).await;
    assert_transient(&outcome, "cannot connect to the endpoint: Connection refused");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_times_out() {
    // The kernel accepts connections even though the listener does not.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings =
        WebhookSettings { connect_timeout: Duration::from_millis(200), ..open_settings() };
    let url = format!("https://{}", listener.local_addr().unwrap());
    let outcome = deliver(&url, settings).await;
    assert_transient(&outcome, "cannot connect to the endpoint: operation timed out");
}
