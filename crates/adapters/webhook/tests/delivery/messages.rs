//! Requests that an endpoint receives.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use engage_domain::webhook::WebhookHeaders;
use engage_domain::{Actor, Address, Timestamp, TraceContext, WebhookId};
use engage_notifier::{Notification, Notifier, WebhookDestination};
use engage_testkit::builders::{a_change_set, an_opened, joined, minutes_later};
use engage_webhook::WebhookSender;
use standardwebhooks::Webhook;

use crate::receiver::{Behaviour, Receiver};
use crate::setting::{
    Directory, SNAPSHOT, assert_rejected, deliver, notification, now, open_settings, secret,
    sender_with, sender_with_headers,
};

#[tokio::test]
async fn an_endpoint_receives_the_exact_snapshot_with_the_standard_webhooks_headers() {
    let mut receiver = Receiver::start(Behaviour::status("204 No Content")).await;
    let before = now().as_millis() / 1_000;
    let url = format!("http://{}/hooks?from=engage#part", receiver.address);
    deliver(&url, open_settings()).await.unwrap();
    let request = receiver.next().await;
    assert_eq!(request.line, "POST /hooks?from=engage HTTP/1.1");
    assert_eq!(request.body, SNAPSHOT.as_bytes());
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-id"), notification().id.to_string());
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(request.header("user-agent"), format!("Engage/{version}"));
    let seconds: i64 = request.header("webhook-timestamp").parse().unwrap();
    assert!((before..=now().as_millis() / 1_000).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn changes_of_participants_are_sent_among_the_other_changes() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    let case = an_opened(1).case;
    let added = joined(&case, "ann@example.com", Actor::Customer, minutes_later(1));
    let snapshot = a_change_set(added, Vec::new()).snapshot;
    let sender = sender_with(&url, vec![secret(1)], open_settings());
    sender.deliver(&Notification { snapshot, ..notification() }).await.unwrap();
    let body = String::from_utf8(receiver.next().await.body).unwrap();
    assert!(body.contains(r#""changes":[{"field":"participant""#), "{body}");
    assert!(!body.contains("participantChanges"), "{body}");
}

#[tokio::test]
async fn an_endpoint_receives_the_trace_of_the_notification() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    let sender = sender_with(&url, vec![secret(1)], open_settings());
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace: TraceContext = parent.parse().unwrap();
    let with_state = trace.clone().with_state("rojo=1,congo=2".parse().unwrap());
    for (trace, expected) in [
        (None, [None, None]),
        (Some(trace), [Some(parent), None]),
        (Some(with_state), [Some(parent), Some("rojo=1,congo=2")]),
    ] {
        sender.deliver(&Notification { trace, ..notification() }).await.unwrap();
        let headers = receiver.next().await.headers;
        let sent = |name| headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(["traceparent", "tracestate"].map(sent), expected);
    }
}

#[tokio::test]
async fn a_receiver_can_verify_the_signature_with_the_secret() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    deliver(&url, open_settings()).await.unwrap();
    let request = receiver.next().await;
    let verify = |byte, body: &[u8]| {
        Webhook::from_bytes(vec![byte; 32]).unwrap().verify(body, &request.headers)
    };
    verify(1, &request.body).unwrap();
    verify(2, &request.body).unwrap_err();
    verify(1, b"{}").unwrap_err();
}

#[tokio::test]
async fn the_old_and_the_new_secret_both_verify_during_a_rotation() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    let sender = sender_with(&url, vec![secret(2), secret(1)], open_settings());
    sender.deliver(&notification()).await.unwrap();
    let request = receiver.next().await;
    let signatures: Vec<&str> = request.header("webhook-signature").split(' ').collect();
    assert_eq!(signatures.len(), 2);
    for byte in [1, 2] {
        let webhook = Webhook::from_bytes(vec![byte; 32]).unwrap();
        webhook.verify(&request.body, &request.headers).unwrap();
    }
}

#[tokio::test]
async fn a_request_includes_the_custom_headers_of_the_endpoint() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    let headers = [("Authorization", "Bearer 5dGfA2"), ("X-Tenant", "a: b, \"c\"\t;=")];
    sender_with_headers(&url, &headers).deliver(&notification()).await.unwrap();
    let request = receiver.next().await;
    for (name, value) in headers {
        assert_eq!(request.header(name), value);
    }
    assert_eq!(request.header("content-type"), "application/json");
    let webhook = Webhook::from_bytes(vec![1; 32]).unwrap();
    webhook.verify(&request.body, &request.headers).unwrap();
}

#[tokio::test]
async fn a_retry_has_the_same_id_and_a_new_timestamp() {
    let mut receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let destination = WebhookDestination {
        url: format!("http://{}", receiver.address).parse().unwrap(),
        secrets: vec![secret(1)],
        includes_internal: true,
        headers: WebhookHeaders::default(),
    };
    let millis = Arc::new(AtomicI64::new(1_000_999));
    let clock = Arc::clone(&millis);
    let sender = WebhookSender::new(
        Arc::new(Directory(destination)),
        move || Timestamp::from_millis(clock.load(Ordering::SeqCst)),
        open_settings(),
    )
    .unwrap();
    sender.deliver(&notification()).await.unwrap();
    millis.store(1_005_000, Ordering::SeqCst);
    sender.deliver(&notification()).await.unwrap();
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.header("webhook-timestamp"), "1000");
    assert_eq!(second.header("webhook-timestamp"), "1005");
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
}

#[tokio::test]
async fn messages_to_one_endpoint_share_a_connection() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";
    let receiver = Receiver::start(Behaviour::Answer(answer.to_owned())).await;
    let url = format!("http://{}", receiver.address);
    let sender = sender_with(&url, vec![secret(1)], open_settings());
    for _ in 0..3 {
        sender.deliver(&notification()).await.unwrap();
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_notification_that_cannot_be_sent_is_rejected_without_connecting() {
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let url = format!("http://{}", receiver.address);
    let unsigned = sender_with(&url, Vec::new(), open_settings());
    assert_rejected(&unsigned.deliver(&notification()).await, "no secret");

    let sender = sender_with(&url, vec![secret(1)], open_settings());
    let mut to_mail = notification();
    to_mail.address = Address::Email("john@example.com".parse().unwrap());
    assert_rejected(&sender.deliver(&to_mail).await, "only be sent to an endpoint");

    let mut to_unknown = notification();
    to_unknown.address = Address::Webhook(WebhookId::from_u128(8));
    assert_rejected(&sender.deliver(&to_unknown).await, "the endpoint is unknown");
    assert_eq!(receiver.connections(), 0);
}
