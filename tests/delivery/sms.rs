//! Text messages, and what the SMS service says of them.

use reqwest::Method;

use super::{World, form, once, text};
use crate::support::{Answer, HttpReceiver, Store, a_case, on_both_stores};

on_both_stores! {
    a_number_that_wants_no_text_messages_gets_no_other
    the_sms_service_reports_what_arrived
}

fn refused(code: u32, http: &str) -> String {
    let body = format!(r#"{{"code":{code},"message":"no","status":400}}"#);
    format!("{http}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn a_number_that_wants_no_text_messages_gets_no_other(store: Store) {
    let twilio = HttpReceiver::answering(|_, _| Some(refused(21610, "400 Bad Request"))).await;
    let world = World { twilio, ..World::new().await };
    let server = world.desk(store, &[]).await;
    let first = server.open(&a_case()).await;
    let dead = once(&server, &format!("channel=SMS&caseNumber={first}"), "DEAD").await;
    assert!(text(&dead["lastError"]).contains("21610"), "{dead}");
    let second = server.open(&a_case()).await;
    once(&server, &format!("channel=SMS&caseNumber={second}"), "CANCELLED").await;
    assert_eq!(world.twilio.received().len(), 1);
}

async fn the_sms_service_reports_what_arrived(store: Store) {
    let world = World::new().await;
    let server = world.desk(store, &[]).await;
    server.open(&a_case()).await;
    let texts = world.twilio.received_once(1).await;
    let callback = form(&texts[0]).into_iter().find(|(name, _)| name == "StatusCallback");
    let (_, callback) = callback.unwrap();
    let callback = callback.replace("%3A", ":").replace("%2F", "/");
    let callback = callback.replace("%3F", "?").replace("%3D", "=");
    let path = callback.strip_prefix("https://desk.example").unwrap();
    once(&server, "channel=SMS", "SENT").await;
    let report = server
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("X-Twilio-Signature", "bm90IHNpZ25lZA==")
        .body("MessageSid=SM1&MessageStatus=delivered");
    assert_eq!(Answer::to(report).await.status, 403, "anybody could say that");
    let sent = once(&server, "channel=SMS", "SENT").await;
    assert_eq!(sent["status"], "SENT");
}
