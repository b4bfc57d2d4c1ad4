//! Files of staff.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Downloaded, UPLOAD, download, kept, upload, uploaded, with_files};
use crate::support::{Form, Response, Server, Store, a_case, keys, on_both_stores};

on_both_stores! {
    files_are_uploaded_attached_listed_and_downloaded
    a_downloaded_file_is_never_rendered_by_browsers
    an_upload_is_attached_once_and_only_by_its_owner
    exactly_one_of_many_concurrent_updates_gets_an_upload
    a_refused_update_stores_no_file_and_leaves_uploads_alone
    an_update_sent_twice_under_a_key_has_its_files_once
    an_unknown_upload_is_not_found
}

async fn files_are_uploaded_attached_listed_and_downloaded(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let screen: Vec<u8> = (0..600_000_u32).map(|index| (index % 251) as u8).collect();
    let form = Form::default().file("../Bild schirm für März.png", "image/png", &screen).file(
        "leer.txt",
        "text/plain; charset=utf-8",
        b"",
    );
    let response = upload(&server, form).await.ok();
    let files = response["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(keys(&files[0]), ["contentType", "filename", "hash", "id", "size"]);
    assert_eq!(files[0]["filename"], "Bild schirm für März.png");
    assert_eq!(
        (&files[0]["contentType"], &files[0]["size"]),
        (&json!("image/png"), &json!(600_000))
    );
    // printf '' | sha256sum
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(
        (&files[1]["contentType"], &files[1]["hash"]),
        (&json!("text/plain"), &json!(nothing))
    );

    let inline =
        json!({"filename": "note.txt", "contentType": "text/plain", "content": "SGFsbG8="});
    let update = with_files(&json!([{"id": files[1]["id"]}, inline, {"id": files[0]["id"]}]));
    let response = server.update(&number, &update).await.ok();
    let listed = response["update"]["attachments"].as_array().unwrap().clone();
    assert_eq!((&listed[0], &listed[2]), (&files[1], &files[0]));
    assert_eq!((&listed[1]["filename"], &listed[1]["size"]), (&json!("note.txt"), &json!(5)));

    let details = server.details(&number).await;
    assert_eq!(details["attachments"], Value::from(listed.clone()));
    assert_eq!(details["updates"][0]["attachments"], Value::from(listed.clone()));
    for (file, bytes) in [(&listed[0], &b""[..]), (&listed[1], b"Hallo"), (&listed[2], &screen)] {
        let downloaded = download(&server, file["id"].as_str().unwrap()).await;
        assert_eq!(downloaded.status, 200);
        assert!(downloaded.bytes == bytes, "{file}");
        assert_eq!(downloaded.header("content-type"), file["contentType"]);
        assert_eq!(downloaded.header("content-length"), bytes.len().to_string());
        assert_eq!(downloaded.header("etag"), format!("\"{}\"", file["hash"].as_str().unwrap()));
    }
    assert_eq!(kept(&server), 3);

    // The confirmation and the announcement of the case, and the update to the customer and the
    // team.
    let mails = server.mails_once(4).await;
    let told = mails.iter().filter(|mail| mail.text.contains("See the files.")).collect::<Vec<_>>();
    assert_eq!(told.len(), 2);
    for mail in told {
        let named =
            "Files: leer.txt (0 bytes), note.txt (5 bytes), Bild schirm für März.png (600 kB)";
        assert!(
            mail.text.split_whitespace().collect::<Vec<_>>().join(" ").contains(named),
            "{}",
            mail.text
        );
        assert!(mail.html.contains("note.txt (5 bytes)"), "{}", mail.html);
    }
}

async fn a_downloaded_file_is_never_rendered_by_browsers(store: Store) {
    let server = Server::with_staff(store).await;
    let page = b"<script>alert(1)</script>";
    let form = Form::default().file("Gr%22\u{f6}\u{df}e.html", "text/html", page);
    let response = upload(&server, form).await.ok();
    let file = &response["attachments"][0];
    let path = format!("{UPLOAD}/{}", file["id"].as_str().unwrap());
    let got = Downloaded::by(server.staff_request(Method::GET, &path)).await;
    assert_eq!(got.bytes, page);
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert!(got.header("content-security-policy").contains("sandbox"));
    assert!(got.header("cache-control").contains("private"));
    let disposition = got.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    assert!(disposition.contains("filename*=UTF-8''Gr"), "{disposition}");
    assert!(disposition.ends_with("%C3%B6%C3%9Fe.html"), "{disposition}");

    let etag = got.header("etag");
    let again = server.staff_request(Method::GET, &path).header("If-None-Match", etag);
    let again = Downloaded::by(again).await;
    assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, etag));
    let other = server.staff_request(Method::GET, &path).header("If-None-Match", "\"other\"");
    assert_eq!(Downloaded::by(other).await.bytes, page);
    let head = Downloaded::by(server.staff_request(Method::HEAD, &path)).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(Downloaded::by(server.request(Method::GET, &path)).await.status, 401);
}

async fn an_upload_is_attached_once_and_only_by_its_owner(store: Store) {
    let mut server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let id = uploaded(&server, "text").await;
    let take = with_files(&json!([{"id": id}]));
    let jane = server.token().to_owned();
    server.use_token(server.workspace().token("staff-456"));
    let details = server.update(&number, &take).await.refused(404, "ATTACHMENT_NOT_FOUND");
    assert_eq!(details, json!({"attachmentId": id}));
    // Anyone who may read cases may read their files.
    assert_eq!(download(&server, &id).await.bytes, b"text");
    server.use_token(jane);
    server.update(&number, &take).await.ok();
    server.update(&number, &take).await.refused(404, "ATTACHMENT_NOT_FOUND");
    let details = server.details(&number).await;
    assert_eq!(details["attachments"].as_array().unwrap().len(), 1);
}

async fn exactly_one_of_many_concurrent_updates_gets_an_upload(store: Store) {
    let server = Server::with_staff(store).await;
    let id = uploaded(&server, "text").await;
    let mut numbers = Vec::new();
    for _ in 0..4 {
        numbers.push(server.open(&a_case()).await);
    }
    let take = with_files(&json!([{"id": id}]));
    let races = (0..12).map(|racer| server.update(&numbers[racer % 4], &take));
    let responses = futures_util::future::join_all(races).await;
    assert_eq!(responses.iter().filter(|response| response.status == 200).count(), 1);
    for response in responses.into_iter().filter(|response| response.status != 200) {
        response.refused(404, "ATTACHMENT_NOT_FOUND");
    }
    let mut written = 0;
    for number in &numbers {
        let details = server.details(number).await;
        written += details["updates"].as_array().unwrap().len();
        assert_eq!(
            details["updates"].as_array().unwrap().len(),
            details["attachments"].as_array().unwrap().len()
        );
    }
    assert_eq!(written, 1);
}

async fn a_refused_update_stores_no_file_and_leaves_uploads_alone(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let id = uploaded(&server, "text").await;
    let inline = json!({"filename": "x", "content": "eA"});
    let files = json!([inline, {"id": id}]);
    server.update("CW-2025-999", &with_files(&files)).await.refused(404, "CASE_NOT_FOUND");
    let cancelled = json!({"statusChange": "CANCELLED"});
    server.update(&number, &cancelled).await.ok();
    server.update(&number, &with_files(&files)).await.refused(409, "INVALID_TRANSITION");
    let unknown = json!([inline, {"id": "att_01jjg00000e008000000000001"}]);
    server.update(&number, &with_files(&unknown)).await.refused(404, "ATTACHMENT_NOT_FOUND");
    assert_eq!(kept(&server), 1);
    let mut note = with_files(&json!([{"id": id}]));
    note["isInternal"] = json!(true);
    server.update(&number, &note).await.ok();
}

async fn an_update_sent_twice_under_a_key_has_its_files_once(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let id = uploaded(&server, "text").await;
    let update = with_files(&json!([{"id": id}, {"filename": "x", "content": "eA"}]));
    let path = format!("/api/internal/support/case/{number}/update");
    let mut responses = Vec::new();
    for _ in 0..2 {
        let request = server.staff_request(Method::POST, &path).json(&update);
        responses.push(Response::to(request.header("Idempotency-Key", "key-1")).await);
    }
    assert_eq!(responses[1].header("idempotent-replayed"), Some("true"));
    assert_eq!(responses[0].body, responses[1].body);
    assert_eq!(server.details(&number).await["attachments"].as_array().unwrap().len(), 2);
    assert_eq!(kept(&server), 2);
}

async fn an_unknown_upload_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    for id in
        ["att_01jjg00000e008000000000001", "att_x", "x", "%00", "ntf_01jjg00000e008000000000001"]
    {
        let response = server.staff_get(&format!("{UPLOAD}/{id}")).await;
        response.refused(404, "ATTACHMENT_NOT_FOUND");
    }
}
