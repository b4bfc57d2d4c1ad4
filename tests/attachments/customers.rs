//! Files of customers.

use reqwest::Method;
use serde_json::{Value, json};

use super::{download, download_as_customer, keeps_soon, kept, with_files};
use crate::support::{Form, Response, Server, Store, a_case, keys, on_both_stores};

on_both_stores! {
    a_case_is_opened_with_files
    a_form_opens_a_case_like_json_does
    a_reply_with_files_resumes_a_case
    a_reply_reopens_a_resolved_case_and_is_refused_by_a_finished_one
    customers_can_only_download_files_of_public_updates_of_their_case
    a_form_sent_twice_under_a_key_adds_one_reply
    a_refused_request_stores_nothing
    forms_have_the_same_limits_as_uploads
    a_long_file_name_and_multi_line_base64_are_accepted
}

async fn submit(server: &Server, path: &str, form: Form) -> Response {
    Response::to(form.of(server.request(Method::POST, path))).await
}

/// Returns the seed's new case as a form.
fn a_form() -> Form {
    let case = a_case();
    let fields = case.as_object().unwrap().iter();
    fields.fold(Form::default(), |form, (name, value)| form.field(name, value.as_str().unwrap()))
}

async fn status(server: &Server, number: &str) -> Value {
    server.post("/api/support/case/status", &json!({"caseNumber": number})).await.ok()
}

async fn a_case_is_opened_with_files(store: Store) {
    let server = Server::with_staff(store).await;
    let mut case = a_case();
    case["attachments"] =
        json!([{"filename": "log.txt", "contentType": "text/plain", "content": "NDAz"}]);
    let number = server.open(&case).await;
    let details = server.details(&number).await;
    let [file] = &details["attachments"].as_array().unwrap()[..] else { panic!("{details}") };
    assert_eq!(file["filename"], "log.txt");
    let [update] = &details["updates"].as_array().unwrap()[..] else { panic!("{details}") };
    assert_eq!(update["message"], "Files sent with the request");
    assert_eq!(
        (&update["author"]["kind"], &update["isInternal"]),
        (&json!("CUSTOMER"), &json!(false))
    );
    assert_eq!(details["case"]["version"], 1);
    assert_eq!(details["case"]["timeline"]["firstResponse"], Value::Null);
    assert_eq!(download(&server, file["id"].as_str().unwrap()).await.bytes, b"403");

    let status = status(&server, &number).await;
    assert_eq!(status["updates"][0]["attachments"], json!([file]));
    let mails = server.mails_once(2).await;
    for mail in mails {
        // Neither the file name nor the address can be trusted.
        let is_staff = mail.header("To").contains("support@localhost");
        assert_eq!(mail.text.contains("log.txt"), is_staff, "{}", mail.text);
    }
}

async fn a_form_opens_a_case_like_json_does(store: Store) {
    let server = Server::with_staff(store).await;
    let response = submit(&server, "/api/support/case", a_form()).await.ok();
    let json = server.open(&a_case()).await;
    let [form, json] = [
        server.details(response["caseNumber"].as_str().unwrap()).await,
        server.details(&json).await,
    ];
    for part in ["customerInfo", "caseDetails"] {
        assert_eq!(form["case"][part], json["case"][part]);
    }
    assert_eq!(form["updates"], json!([]));

    // A browser also sends a part if no file was chosen.
    let chosen = a_form().file("", "application/octet-stream", b"").file("a", "x", b"1");
    let response = submit(&server, "/api/support/case", chosen).await.ok();
    let details = server.details(response["caseNumber"].as_str().unwrap()).await;
    let [file] = &details["attachments"].as_array().unwrap()[..] else { panic!("{details}") };
    assert_eq!(
        (&file["filename"], &file["contentType"]),
        (&json!("a"), &json!("application/octet-stream"))
    );

    let incomplete = Form::default().field("name", "John").field("email", "nobody");
    let response = submit(&server, "/api/support/case", incomplete).await;
    assert_eq!(response.invalid_fields(), ["email", "subject", "message"]);
}

async fn a_reply_with_files_resumes_a_case(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server
        .update(
            &number,
            &json!({"message": "Which browser?", "statusChange": "WAITING_ON_CUSTOMER"}),
        )
        .await
        .ok();
    let large = vec![7; 3 * 1024 * 1024];
    let form = Form::default()
        .field("caseNumber", &number.to_lowercase())
        .field("message", "All of them.\r\nSee here.")
        .file("screen 1.png", "image/png", &large)
        .file("screen 2.png", "image/png", b"2");
    let response = submit(&server, "/api/support/case/reply", form).await.ok();
    assert_eq!(keys(&response), ["caseNumber", "message", "status", "success", "update"]);
    assert_eq!(
        (&response["caseNumber"], &response["status"]),
        (&json!(number), &json!("IN_PROGRESS"))
    );
    let update = &response["update"];
    assert_eq!(
        keys(update),
        ["attachments", "author", "isInternal", "isMine", "message", "timestamp"]
    );
    assert_eq!(update["message"], "All of them.\nSee here.");

    let details = server.details(&number).await;
    let listed = details["attachments"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(update["attachments"], details["attachments"]);
    assert!(download(&server, listed[0]["id"].as_str().unwrap()).await.bytes == large);
    assert_eq!(details["updates"][1]["author"]["kind"], "CUSTOMER");
}

async fn a_reply_reopens_a_resolved_case_and_is_refused_by_a_finished_one(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply = json!({"caseNumber": number, "message": "It is back."});
    for (change, outcome) in [
        ("RESOLVED", Ok("IN_PROGRESS")),
        ("ON_HOLD", Ok("ON_HOLD")),
        ("CANCELLED", Err(("CANCELLED", Value::Null))),
    ] {
        server.update(&number, &json!({"statusChange": change})).await.ok();
        let response = server.post("/api/support/case/reply", &reply).await;
        match outcome {
            Ok(status) => assert_eq!(response.ok()["status"], status),
            Err((from, to)) => {
                let details = response.refused(409, "INVALID_TRANSITION");
                assert_eq!((&details["from"], &details["to"]), (&json!(from), &to));
            }
        }
    }
    let reply = json!({"caseNumber": "CW-2025-999", "message": "Hello?"});
    server.post("/api/support/case/reply", &reply).await.refused(404, "CASE_NOT_FOUND");
}

async fn customers_can_only_download_files_of_public_updates_of_their_case(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, other) = (server.open(&a_case()).await, server.open(&a_case()).await);
    let mut ids = Vec::new();
    for is_internal in [false, true] {
        let mut update = with_files(&json!([{"filename": "a", "content": "YQ"}]));
        update["isInternal"] = json!(is_internal);
        let response = server.update(&number, &update).await.ok();
        ids.push(response["update"]["attachments"][0]["id"].as_str().unwrap().to_owned());
    }
    let file = download_as_customer(&server, &number, &ids[0]).await;
    assert_eq!((file.status, &file.bytes[..]), (200, &b"a"[..]));
    assert!(file.header("content-disposition").starts_with("attachment;"));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let path = "/api/support/case/attachment";
    for (number, id) in [(&number, &*ids[1]), (&other, &*ids[0]), (&number, "x")] {
        let body = json!({"caseNumber": number, "attachmentId": id});
        let details = server.post(path, &body).await.refused(404, "ATTACHMENT_NOT_FOUND");
        assert_eq!(details, json!({"attachmentId": id}));
    }
    let body = json!({"caseNumber": "CW-2025-999", "attachmentId": ids[0]});
    server.post(path, &body).await.refused(404, "CASE_NOT_FOUND");
    let problems = server.post(path, &json!({})).await.invalid_fields();
    assert_eq!(problems, ["caseNumber", "attachmentId"]);
}

async fn a_form_sent_twice_under_a_key_adds_one_reply(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply = Form::default().field("caseNumber", &number).field("message", "m");
    let send = async |form: Form| {
        let request = server.request(Method::POST, "/api/support/case/reply");
        Response::to(form.of(request.header("Idempotency-Key", "key-1"))).await
    };
    let with_file = |bytes: &[u8]| reply.clone().file("a", "text/plain", bytes);
    let (first, second) = (send(with_file(b"1")).await, send(with_file(b"1")).await);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.body, second.body);
    send(with_file(b"2")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    send(reply.clone()).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    let details = server.details(&number).await;
    assert_eq!(details["updates"].as_array().unwrap().len(), 1);
    assert_eq!(details["attachments"][0]["id"], first.body["update"]["attachments"][0]["id"]);
    assert_eq!(kept(&server), 1);
}

async fn a_refused_request_stores_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.update(&number, &json!({"statusChange": "CANCELLED"})).await.ok();
    let path = "/api/support/case/reply";
    let reply = |number: &str| Form::default().field("caseNumber", number).field("message", "m");
    let file = |form: Form| form.file("a", "text/plain", &vec![1; 100_000]);
    submit(&server, path, file(reply(&number))).await.refused(409, "INVALID_TRANSITION");
    submit(&server, path, file(reply("CW-2025-999"))).await.refused(404, "CASE_NOT_FOUND");
    let without_message = file(Form::default().field("caseNumber", &number));
    submit(&server, path, without_message).await.refused(409, "INVALID_TRANSITION");
    let late = file(Form::default().field("caseNumber", &number)).field("message", "m");
    assert_eq!(submit(&server, path, late).await.invalid_fields(), ["message"]);
    let after = file(reply(&number)).field("more", "m");
    assert_eq!(submit(&server, path, after).await.invalid_fields(), ["more"]);
    let text = reply(&number).field("attachments", "a");
    assert_eq!(submit(&server, path, text).await.invalid_fields(), ["attachments"]);
    assert_eq!(kept(&server), 0);
    assert_eq!(server.details(&number).await["attachments"], json!([]));
}

async fn forms_have_the_same_limits_as_uploads(store: Store) {
    const MEBIBYTE: usize = 1024 * 1024;
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply = Form::default().field("caseNumber", &number).field("message", "m");
    let with = |form: &Form, sizes: &[usize]| {
        let file = |form: Form, size: &usize| form.file("a", "text/plain", &vec![1; *size]);
        sizes.iter().fold(form.clone(), file)
    };
    for (path, form) in [("/api/support/case", a_form()), ("/api/support/case/reply", reply)] {
        for (sizes, limit) in [
            ([1, 10 * MEBIBYTE + 1, 1], 10 * MEBIBYTE),
            ([9 * MEBIBYTE; 3], 25 * MEBIBYTE),
            ([10 * MEBIBYTE, 10 * MEBIBYTE, 5 * MEBIBYTE + 1], 25 * MEBIBYTE),
        ] {
            let response = submit(&server, path, with(&form, &sizes)).await;
            let details = response.refused(413, "PAYLOAD_TOO_LARGE");
            assert_eq!(details, json!({"limitBytes": limit}), "{path} {sizes:?}");
        }
        let response = submit(&server, path, with(&form, &[1; 11])).await;
        assert_eq!(response.invalid_fields(), ["attachments"], "{path}");
        assert!(keeps_soon(&server, 0).await, "{path}: {} are kept", kept(&server));
    }
    let list = server.staff_get("/api/internal/support/cases").await.ok();
    assert_eq!(list["pagination"]["total"], 1);
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

async fn a_long_file_name_and_multi_line_base64_are_accepted(store: Store) {
    let server = Server::with_staff(store).await;
    let long = format!("{}.pdf", "ü".repeat(250));
    let cut = format!("{}.pdf", "ü".repeat(196));
    let mut case = a_case();
    let content = "QUFB\r\nQkJC\nQ0ND\n";
    case["attachments"] = json!([{"filename": long, "content": content, "contentType": ""}]);
    let number = server.open(&case).await;
    let kept = &server.details(&number).await["attachments"][0];
    assert_eq!((&kept["filename"], &kept["size"]), (&json!(cut), &json!(9)));
    let form = a_form().file(&long, "application/pdf", b"text");
    let number = submit(&server, "/api/support/case", form).await.ok();
    let number = number["caseNumber"].as_str().unwrap();
    assert_eq!(server.details(number).await["attachments"][0]["filename"], json!(cut));
    // As an outdated program sends it, in Latin-1.
    let latin = [&b"name=\"attachments\"; filename=\"caf"[..], b"\xe9.txt\""].concat();
    let mut body = b"--b\r\nContent-Disposition: form-data; ".to_vec();
    body.extend(latin);
    body.extend(b"\r\n\r\ntext\r\n--b--\r\n");
    let request = server.request(Method::POST, "/api/support/case").body(body);
    let response =
        Response::to(request.header("Content-Type", "multipart/form-data; boundary=b")).await;
    assert!(response.body["error"].as_str().unwrap().contains("UTF-8"), "{response:?}");
    response.refused(400, "MALFORMED_FORM");
}
