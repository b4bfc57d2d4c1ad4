//! Limits on the size, number and speed of uploads. Refused uploads leave nothing behind.

use std::io::Write;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{UPLOAD, keeps_soon, kept, upload, with_files};
use crate::support::{Form, Response, Server, Store, a_case, on_both_stores, raw};

on_both_stores! {
    a_file_of_the_maximum_size_is_accepted_and_a_larger_one_is_refused
    files_that_are_too_large_together_are_refused
    more_than_ten_files_are_refused
    files_in_json_have_a_lower_limit
    an_unreadable_form_is_refused
    an_interrupted_upload_leaves_nothing
}

const MEBIBYTE: usize = 1024 * 1024;

async fn a_file_of_the_maximum_size_is_accepted_and_a_larger_one_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let largest = vec![1; 10 * MEBIBYTE];
    let form = Form::default().file("a", "text/plain", &largest);
    let response = upload(&server, form).await.ok();
    assert_eq!(response["attachments"][0]["size"], 10 * MEBIBYTE);
    let larger = [&largest[..], b"x"].concat();
    let form = Form::default().file("a", "text/plain", b"small").file("b", "text/plain", &larger);
    let details = upload(&server, form).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(details, json!({"limitBytes": 10 * MEBIBYTE}));
    assert!(keeps_soon(&server, 1).await, "{} are kept", kept(&server));
}

async fn files_that_are_too_large_together_are_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let files = |sizes: &[usize]| {
        let file = |form: Form, size: &usize| form.file("a", "text/plain", &vec![1; *size]);
        sizes.iter().fold(Form::default(), file)
    };
    let most = files(&[10 * MEBIBYTE, 10 * MEBIBYTE, 5 * MEBIBYTE]);
    assert_eq!(upload(&server, most).await.ok()["attachments"].as_array().unwrap().len(), 3);
    for too_much in [[10 * MEBIBYTE, 10 * MEBIBYTE, 5 * MEBIBYTE + 1], [9 * MEBIBYTE; 3]] {
        let details = upload(&server, files(&too_much)).await.refused(413, "PAYLOAD_TOO_LARGE");
        assert_eq!(details, json!({"limitBytes": 25 * MEBIBYTE}));
    }
    assert!(keeps_soon(&server, 3).await, "{} are kept", kept(&server));
}

async fn more_than_ten_files_are_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let form = |count| (0..count).fold(Form::default(), |form, _| form.file("a", "x/y", b"1"));
    upload(&server, form(10)).await.ok();
    assert_eq!(upload(&server, form(11)).await.invalid_fields(), ["attachments"]);
    let inline = |count| Value::from(vec![json!({"filename": "a", "content": "YQ"}); count]);
    server.update(&number, &with_files(&inline(10))).await.ok();
    let refused = server.update(&number, &with_files(&inline(11))).await;
    assert_eq!(refused.invalid_fields(), ["attachments"]);
    let mut case = a_case();
    case["attachments"] = inline(11);
    assert_eq!(server.post("/api/support/case", &case).await.invalid_fields(), ["attachments"]);
    assert_eq!(upload(&server, Form::default()).await.invalid_fields(), ["file"]);
    assert!(keeps_soon(&server, 20).await, "{} are kept", kept(&server));
}

async fn files_in_json_have_a_lower_limit(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    // Four characters encode three bytes.
    let file =
        |bytes: usize| json!({"filename": "a", "content": "A".repeat(bytes.div_ceil(3) * 4)});
    let half = MEBIBYTE / 2 / 3 * 3;
    server.update(&number, &with_files(&json!([file(half), file(half)]))).await.ok();
    let larger = with_files(&json!([file(half), file(half), file(6)]));
    let details = server.update(&number, &larger).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(details, json!({"limitBytes": MEBIBYTE}));
    let mut case = a_case();
    case["attachments"] = json!([file(2 * MEBIBYTE)]);
    let details = server.post("/api/support/case", &case).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(details, json!({"limitBytes": 2 * MEBIBYTE}));
    assert_eq!(kept(&server), 2);
}

async fn an_unreadable_form_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let send = async |content_type: &str, body: &[u8]| {
        let request = server.staff_request(Method::POST, UPLOAD);
        Response::to(request.header(CONTENT_TYPE, content_type).body(body.to_vec())).await
    };
    let form = Form::default().file("a", "text/plain", b"text");
    let (content_type, finished) = (Form::content_type(), form.clone().finished());
    for (content_type, body) in [
        (&*content_type, &b""[..]),
        (&content_type, b"nonsense"),
        (&content_type, &form.unfinished()),
        (&content_type, &finished[..finished.len() / 2]),
        (&content_type, &Form::default().part("filename=\"a\"", "", b"x").finished()),
        (
            &content_type,
            &Form::default()
                .part("name=a", "Content-Type: multipart/mixed; boundary=x\r\n", b"x")
                .finished(),
        ),
        (
            &content_type,
            &Form::default()
                .part("name=a", &format!("X: {}\r\n", "x".repeat(100_000)), b"x")
                .finished(),
        ),
        (&content_type, &Form::default().part("name=\"a\"", "", b"\xff").finished()),
        ("multipart/form-data", &finished),
        ("multipart/form-data; boundary=", &finished),
        ("multipart/form-data; boundary=other", &finished),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        let response = send(content_type, body).await;
        response.assert_is_error();
        let fine = response.status == 400
            && ["MALFORMED_FORM", "VALIDATION_ERROR"]
                .contains(&response.body["code"].as_str().unwrap());
        assert!(fine, "{content_type} {shown}: {response:?}");
    }
    for content_type in ["application/json", "multipart/mixed; boundary=x", "text/plain"] {
        let details = send(content_type, &finished).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(details, json!({"accepts": ["multipart/form-data"]}));
    }
    assert!(keeps_soon(&server, 0).await, "{} are kept", kept(&server));
    assert_eq!(upload(&server, Form::default().file("a", "b", b"c")).await.status, 200);
}

/// Returns the head of an upload with this length.
fn head(server: &Server, length: usize) -> String {
    format!(
        "POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {}\r\n\
         Content-Length: {length}\r\n\r\n",
        server.token(),
        Form::content_type(),
    )
}

async fn an_interrupted_upload_leaves_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let body =
        Form::default().file("a", "b", b"c").file("d", "e", &vec![1; 2 * MEBIBYTE]).unfinished();
    let mut stream = raw::connect(server.address());
    stream.write_all(head(&server, body.len() + 10).as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    // The second file is being received once the first one is stored.
    let begun = crate::support::holds_within(Duration::from_secs(10), || kept(&server) == 2).await;
    assert!(begun, "{} are kept", kept(&server));
    drop(stream);
    assert!(keeps_soon(&server, 0).await, "{} are kept", kept(&server));
}

/// Independent of the store.
#[tokio::test]
async fn a_stalled_or_slow_upload_is_aborted_and_leaves_nothing() {
    let server = Server::with_staff(Store::Sqlite).await;
    let body = Form::default().file("d", "e", &vec![1; MEBIBYTE]).unfinished();
    for trickles in [false, true] {
        let mut stream = raw::connect(server.address());
        stream.write_all(head(&server, body.len() + 1000).as_bytes()).unwrap();
        stream.write_all(if trickles { &body[..1000] } else { &body }).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let dawdling = std::thread::spawn(move || {
            for _ in 0..20 {
                std::thread::sleep(Duration::from_secs(1));
                if !trickles || writer.write_all(b"x").is_err() {
                    break;
                }
            }
        });
        let wait = move || raw::read_to_end(&mut stream, Duration::from_secs(15));
        let reply = tokio::task::spawn_blocking(wait).await.unwrap();
        assert!(reply.is_closed, "still open after {:?}: {reply:?}", reply.took);
        assert_eq!(reply.status(), Some(408), "{reply:?}");
        dawdling.join().unwrap();
        assert!(keeps_soon(&server, 0).await, "{} are kept", kept(&server));
    }
}

/// Independent of the store.
#[tokio::test]
async fn memory_does_not_grow_with_the_size_of_files() {
    let server = Server::with_staff(Store::Sqlite).await;
    let largest = vec![1; 10 * MEBIBYTE];
    let form = Form::default().file("a", "b", &largest).file("c", "d", &largest);
    upload(&server, form.clone()).await.ok();
    let before = server.peak_memory();
    let uploads = (0..8).map(|_| upload(&server, form.clone()));
    for response in futures_util::future::join_all(uploads).await {
        response.ok();
    }
    let grown = server.peak_memory().saturating_sub(before);
    // 160 MiB went through it.
    assert!(grown < 40 * MEBIBYTE as u64, "{grown} bytes more");
}
