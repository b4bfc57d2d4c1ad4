//! Text messages and the delivery reports of the SMS service.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::{AUTH_TOKEN, World, accepted, form, once, text};
use crate::support::{
    HttpReceiver, Received, Response, Server, Store, a_case, a_case_of_somebody, on_both_stores,
};

on_both_stores! {
    a_number_that_opted_out_gets_no_more_text_messages
    an_opt_out_is_listed_and_lifted_and_a_retry_ignores_it
    the_sms_service_reports_deliveries
    an_undelivered_text_message_is_dead_with_the_reason
}

fn refused(code: u32, http: &str) -> String {
    let body = format!(r#"{{"code":{code},"message":"no","status":400}}"#);
    format!("{http}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn a_number_that_opted_out_gets_no_more_text_messages(store: Store) {
    let twilio = HttpReceiver::responding(|_, _| Some(refused(21610, "400 Bad Request"))).await;
    let world = World { twilio, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    let first = server.open(&a_case()).await;
    let dead = once(&server, &format!("channel=SMS&caseNumber={first}"), "DEAD").await;
    assert!(text(&dead["lastError"]).contains("21610"), "{dead}");
    let second = server.open(&a_case()).await;
    once(&server, &format!("channel=SMS&caseNumber={second}"), "CANCELLED").await;
    assert_eq!(world.twilio.received().len(), 1);
}

async fn an_opt_out_is_listed_and_lifted_and_a_retry_ignores_it(store: Store) {
    let is_out = Arc::new(AtomicBool::new(true));
    let out = is_out.clone();
    let twilio = HttpReceiver::responding(move |_, _| {
        let is_out = out.load(Ordering::SeqCst);
        Some(if is_out { refused(21610, "400 Bad Request") } else { accepted() })
    })
    .await;
    let world = World { twilio, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    let open = async |status| {
        let number = server.open(&a_case_of_somebody()).await;
        once(&server, &format!("channel=SMS&caseNumber={number}"), status).await
    };
    let path = "/api/internal/notifications/suppressions";
    let dead = open("DEAD").await;
    let list = server.staff_get(path).await.ok();
    assert_eq!(list["pagination"]["total"], 1);
    let one = &list["suppressions"][0];
    assert_eq!((&one["channel"], &one["address"]), (&json!("SMS"), &json!("+15550100777")));
    assert!(text(&one["reason"]).contains("21610"), "{one}");

    // Only a retry calls Twilio.
    let retry = |id: &Value| format!("/api/internal/notifications/{}/retry", text(id));
    server.staff_post(&retry(&dead["id"]), &json!({})).await.ok();
    world.twilio.received_once(2).await;
    once(&server, "channel=SMS", "DEAD").await;
    open("CANCELLED").await;
    assert_eq!(world.twilio.received().len(), 2);

    // An accepted text message lifts the opt-out.
    is_out.store(false, Ordering::SeqCst);
    server.staff_post(&retry(&dead["id"]), &json!({})).await.ok();
    once(&server, "channel=SMS&status=SENT", "SENT").await;
    assert_eq!(server.staff_get(path).await.ok()["suppressions"], json!([]));
    open("SENT").await;

    // An administrator can lift it too.
    is_out.store(true, Ordering::SeqCst);
    open("DEAD").await;
    let delete = |query: &str| {
        let request = server.staff_request(Method::DELETE, &format!("{path}{query}"));
        async move { Response::to(request).await }
    };
    assert_eq!(delete("").await.invalid_fields(), ["address"]);
    assert_eq!(delete("?address=nobody").await.invalid_fields(), ["address"]);
    let other = delete("?address=%2B15550100778").await;
    assert_eq!(other.refused(404, "SUPPRESSION_NOT_FOUND"), json!({"address": "+15550100778"}));
    delete("?address=%2B15550100777").await.ok();
    is_out.store(false, Ordering::SeqCst);
    open("SENT").await;
}

/// Returns the URL for the delivery reports of a text message.
fn callback(text: &Received) -> String {
    let (_, url) = form(text).into_iter().find(|(name, _)| name == "StatusCallback").unwrap();
    let spelt = [("%3A", ":"), ("%2F", "/"), ("%3F", "?"), ("%3D", "=")];
    spelt.into_iter().fold(url, |url, (code, character)| url.replace(code, character))
}

/// Sends a delivery report.
async fn report(server: &Server, url: &str, signature: &str, form: &[(&str, &str)]) -> Response {
    let path = url.strip_prefix("https://desk.example").unwrap();
    let pairs = form.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")));
    let request = server
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("X-Twilio-Signature", signature)
        .body(pairs.collect::<Vec<_>>().join("&"));
    Response::to(request).await
}

/// Sends a delivery report, signed as Twilio does it.
async fn signed_report(server: &Server, url: &str, status: &str, code: &str) {
    let form = [
        ("MessageSid", "SM1"),
        ("To", "+15550100777"),
        ("ErrorCode", code),
        ("MessageStatus", status),
    ];
    let response = report(server, url, &signature(url, &form), &form).await;
    assert_eq!(response.status, 204, "{response:?}");
}

/// Signs the URL and the sorted parameters with an external program
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>).
pub(crate) fn signature(url: &str, form: &[(&str, &str)]) -> String {
    let mut form = form.to_vec();
    form.sort_unstable();
    let signed = form.iter().map(|(name, value)| format!("{name}{value}"));
    let script = "printf %s \"$1\" | openssl dgst -sha1 -hmac \"$2\" -binary | openssl base64 -A";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh", &format!("{url}{}", signed.collect::<String>()), AUTH_TOKEN]);
    let output = shell.output().expect("OpenSSL, which scripts/ensure-mail-server.sh installs");
    let signature = String::from_utf8(output.stdout).unwrap();
    // An empty signature would make the test meaningless.
    assert_eq!(signature.len(), 28, "{}", String::from_utf8_lossy(&output.stderr));
    signature
}

async fn the_sms_service_reports_deliveries(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    server.open(&a_case()).await;
    let url = callback(&world.twilio.received_once(1).await[0]);
    once(&server, "channel=SMS", "SENT").await;
    let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    let forged = report(&server, &url, "bm90IHNpZ25lZA==", &form).await;
    assert_eq!(forged.status, 403, "the signature is wrong");
    once(&server, "channel=SMS", "SENT").await;

    signed_report(&server, &url, "sent", "0").await;
    once(&server, "channel=SMS", "SENT").await;
    signed_report(&server, &url, "delivered", "0").await;
    let delivered = once(&server, "channel=SMS", "DELIVERED").await;
    assert_eq!(delivered["attempts"], 1);
    // Reports can arrive in any order.
    signed_report(&server, &url, "sent", "0").await;
    once(&server, "channel=SMS", "DELIVERED").await;
}

async fn an_undelivered_text_message_is_dead_with_the_reason(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    for (index, (status, code, reason)) in [
        ("failed", "30003", "cannot be reached"),
        ("undelivered", "30005", "unknown or out of service"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = server.open(&a_case_of_somebody()).await;
        let texts = world.twilio.received_once(index + 1).await;
        let query = format!("channel=SMS&caseNumber={number}");
        once(&server, &query, "SENT").await;
        signed_report(&server, &callback(&texts[index]), status, code).await;
        let dead = once(&server, &query, "DEAD").await;
        let error = text(&dead["lastError"]);
        assert!(error.contains(code) && error.contains(reason), "{error}");
    }
    let health = server.get("/health").await.body;
    assert_eq!(health["components"]["notifications"], "healthy", "lost texts are no outage");
}
