//! Limits on files by address, by case and by free space.

use std::io::Write;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{keeps_soon, kept, upload, with_files};
use crate::support::{
    Form, Response, Server, Store, a_case, a_case_of_somebody, eventually_seen, on_both_stores,
    raw, send,
};

on_both_stores! {
    files_from_customers_are_limited_for_each_case
    concurrent_replies_share_the_limit_of_a_case
}

const MEBIBYTE: usize = 1024 * 1024;
const LIMITED: (&str, &str) = ("ENGAGE_RATE_LIMIT__ENABLED", "true");
const PROXY: (&str, &str) = ("ENGAGE_SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
/// More free space than any disk has.
const NO_ROOM: (&str, &str) = ("ENGAGE_LIMITS__FREE_SPACE", "1000000TiB");

fn a_reply(number: &str, mebibytes: &[usize]) -> Form {
    let reply = Form::default().field("caseNumber", number).field("message", "See there.");
    mebibytes
        .iter()
        .fold(reply, |form, size| form.file("attachments", "text/plain", &vec![1; size * MEBIBYTE]))
}

async fn send_from(server: &Server, from: &str, path: &str, form: Form) -> Response {
    let request = server.request(Method::POST, path).header("X-Forwarded-For", from);
    Response::to(form.of(request)).await
}

async fn reply(server: &Server, number: &str, mebibytes: &[usize]) -> Response {
    send_from(server, "203.0.113.1", "/api/support/case/reply", a_reply(number, mebibytes)).await
}

async fn metrics(server: &Server) -> String {
    send(server.request(Method::GET, "/metrics")).await.text()
}

fn inline(bytes: usize) -> Value {
    json!([{"filename": "a", "content": "A".repeat(bytes.div_ceil(3) * 4)}])
}

async fn files_from_customers_are_limited_for_each_case(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_LIMITS__FILES_PER_CASE", "25MiB")]).await;
    let number = server.open(&a_case()).await;
    reply(&server, &number, &[10, 6]).await.ok();
    let details = reply(&server, &number, &[10]).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(details, json!({"limitBytes": 25 * MEBIBYTE}));
    reply(&server, &number, &[9]).await.ok();
    reply(&server, &number, &[]).await.ok();
    let one_byte =
        json!({"caseNumber": number, "attachments": [{"filename": "a", "content": "YQ"}]});
    server.post("/api/support/case/reply", &one_byte).await.refused(413, "PAYLOAD_TOO_LARGE");
    // Staff are not affected.
    server.update(&number, &with_files(&inline(300_000))).await.ok();
    assert!(keeps_soon(&server, 4).await, "{} are kept", kept(&server));
    let refused = "engage_files_refused_total{limit=\"case\"} 2";
    let counted = metrics(&server).await;
    assert!(counted.contains(refused), "{counted}");
}

async fn concurrent_replies_share_the_limit_of_a_case(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_LIMITS__FILES_PER_CASE", "25MiB")]).await;
    let number = server.open(&a_case()).await;
    let replies = (0..8).map(|_| reply(&server, &number, &[6]));
    let responses = futures_util::future::join_all(replies).await;
    let taken = responses.iter().filter(|response| response.status == 200).count();
    assert_eq!(taken, 4, "{responses:?}");
    for response in responses.into_iter().filter(|response| response.status != 200) {
        response.refused(413, "PAYLOAD_TOO_LARGE");
    }
    assert!(keeps_soon(&server, 4).await, "{} are kept", kept(&server));
}

#[tokio::test]
async fn files_are_limited_per_hour_for_each_address() {
    let limits = [LIMITED, PROXY, ("ENGAGE_LIMITS__FILES_PER_ADDRESS", "25MiB")];
    let server = Server::with_staff_and(Store::Sqlite, &limits).await;
    let number = server.open(&a_case_of_somebody()).await;
    let from = async |address: &str, mebibytes: &[usize]| {
        send_from(&server, address, "/api/support/case/reply", a_reply(&number, mebibytes)).await
    };
    from("203.0.113.7", &[9, 9]).await.ok();
    let refused = from("203.0.113.7", &[9]).await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    // The request needs 2 of the 25 MiB, which are restored evenly over an hour.
    assert!((250..320).contains(&wait), "{wait}");
    refused.refused(429, "RATE_LIMITED");
    // A smaller file still fits, and a reply without files is always allowed.
    from("203.0.113.7", &[6]).await.ok();
    from("203.0.113.7", &[]).await.ok();
    let in_json = json!({"caseNumber": number, "attachments": inline(900_000)});
    let as_json = async || {
        let request = server.request(Method::POST, "/api/support/case/reply");
        Response::to(request.header("X-Forwarded-For", "203.0.113.7").json(&in_json)).await
    };
    as_json().await.ok();
    as_json().await.refused(429, "RATE_LIMITED");
    from("203.0.113.8", &[5]).await.ok();
    // An IPv6 address counts as its /64.
    from("2001:db8:1:2::1", &[9, 9]).await.ok();
    from("2001:db8:1:2:ffff::9", &[9]).await.refused(429, "RATE_LIMITED");
    // The limit does not apply to staff, who log in.
    let form = Form::default().file("a", "text/plain", &vec![1; 9 * MEBIBYTE]);
    for _ in 0..4 {
        upload(&server, form.clone()).await.ok();
    }
}

/// Returns the head of a reply with a form of unknown length.
fn chunked_head() -> String {
    format!(
        "POST /api/support/case/reply HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        Form::content_type()
    )
}

#[tokio::test]
async fn an_upload_of_unknown_length_is_stopped_at_the_limit() {
    let limits = [LIMITED, ("ENGAGE_LIMITS__FILES_PER_ADDRESS", "25MiB")];
    let server = Server::with_staff_and(Store::Sqlite, &limits).await;
    let number = server.open(&a_case_of_somebody()).await;
    reply(&server, &number, &[10, 10]).await.ok();
    // Nearly all that is left. One mebibyte is restored in two minutes.
    reply(&server, &number, &[4]).await.ok();
    let form = a_reply(&number, &[2]).finished();
    let mut stream = raw::connect(server.address());
    let chunk = [format!("{:x}\r\n", form.len()).as_bytes(), &form, b"\r\n0\r\n\r\n"].concat();
    stream.write_all(chunked_head().as_bytes()).unwrap();
    let mut writer = stream.try_clone().unwrap();
    // The server may stop reading early.
    let sending = std::thread::spawn(move || drop(writer.write_all(&chunk)));
    let read = move || raw::read_to_end(&mut stream, Duration::from_secs(15));
    let response = tokio::task::spawn_blocking(read).await.unwrap();
    assert_eq!(response.status(), Some(429), "{response:?}");
    sending.join().unwrap();
    assert!(keeps_soon(&server, 3).await, "{} are kept", kept(&server));
}

#[tokio::test]
async fn without_free_space_files_are_refused_and_cases_are_not() {
    let server = Server::with_staff_and(Store::Sqlite, &[NO_ROOM]).await;
    let number = server.open(&a_case()).await;
    let mut with_a_file = a_case();
    with_a_file["attachments"] = inline(10);
    let refused = server.post("/api/support/case", &with_a_file).await;
    assert_eq!(refused.refused(507, "STORAGE_FULL"), json!({}));
    reply(&server, &number, &[1]).await.refused(507, "STORAGE_FULL");
    reply(&server, &number, &[]).await.ok();
    let form = Form::default().file("a", "text/plain", b"text");
    upload(&server, form).await.refused(507, "STORAGE_FULL");
    server.update(&number, &with_files(&inline(10))).await.refused(507, "STORAGE_FULL");
    let words = json!({"message": "No room here.", "isInternal": true});
    server.update(&number, &words).await.ok();
    assert_eq!(kept(&server), 0);
    let counted = metrics(&server).await;
    assert!(counted.contains("engage_files_refused_total{limit=\"space\"} 4"), "{counted}");
}

#[tokio::test]
async fn free_space_and_stored_files_are_measured() {
    let server =
        Server::with_staff_and(Store::Sqlite, &[("ENGAGE_RETENTION__INTERVAL", "1s")]).await;
    let number = server.open(&a_case()).await;
    reply(&server, &number, &[2, 1]).await.ok();
    let value = |metrics: &str, name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
    };
    eventually_seen("files are measured", async || {
        let metrics = metrics(&server).await;
        let stored = value(&metrics, "engage_attachment_bytes ");
        let free = value(&metrics, "engage_attachment_free_bytes ");
        (stored == Some(3_145_728.0) && free.is_some_and(|free| free > 0.0)).then_some(())
    })
    .await;
}
