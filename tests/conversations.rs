//! Conversations between customers and staff, as both read them.

use serde_json::{Value, json};

use crate::support::{Form, Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    customers_and_staff_page_through_a_long_conversation
    an_invalid_page_is_refused
    an_entry_shows_its_author_and_the_status_shows_the_subject
    replies_to_a_case_are_limited_per_hour
    files_need_no_message
    numbers_and_addresses_are_accepted_as_people_write_them
    invisible_text_and_unreachable_addresses_are_refused
    a_member_cannot_be_named_like_a_reserved_word
    only_changes_visible_to_the_customer_move_the_last_update
}

const STATUS: &str = "/api/support/case/status";
const REPLY: &str = "/api/support/case/reply";

fn words(response: &Value) -> Vec<&str> {
    let updates = response["updates"].as_array().unwrap();
    updates.iter().map(|update| update["message"].as_str().unwrap()).collect()
}

async fn customers_and_staff_page_through_a_long_conversation(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let mut all = Vec::new();
    for turn in 1..=7 {
        let (text, is_internal) = (format!("Entry {turn}"), turn % 3 == 0);
        let update = json!({"message": text, "isInternal": is_internal});
        server.update(&number, &update).await.ok();
        all.push((text, is_internal));
    }
    let public: Vec<_> = all.iter().filter(|(_, hidden)| !hidden).map(|(text, _)| text).collect();
    let all: Vec<_> = all.iter().map(|(text, _)| text).collect();

    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let body = json!({"caseNumber": number, "limit": 2, "cursor": cursor});
        let response = server.post(STATUS, &body).await.ok();
        assert_eq!(response["pagination"]["limit"], 2);
        pages.insert(0, words(&response).into_iter().map(str::to_owned).collect());
        cursor = response["pagination"]["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!(pages.concat().iter().collect::<Vec<_>>(), public);

    let path = format!("/api/internal/support/case/{number}");
    let newest = server.staff_get(&format!("{path}?limit=3")).await.ok();
    assert_eq!(words(&newest), all[4..]);
    let cursor = newest["pagination"]["nextCursor"].as_str().unwrap();
    let older = server.staff_get(&format!("{path}?limit=100&cursor={cursor}")).await.ok();
    assert_eq!(words(&older), all[..4]);
    assert_eq!(older["pagination"]["nextCursor"], Value::Null);
    // The examples without paging read all of a short conversation.
    assert_eq!(words(&server.details(&number).await), all);
}

async fn an_invalid_page_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for (field, value) in [
        ("limit", json!(0)),
        ("limit", json!(101)),
        ("limit", json!(-1)),
        ("limit", json!(5_000_000_000_i64)),
        ("cursor", json!("AQAAAAAAAAAA")),
        ("cursor", json!("1")),
        ("cursor", json!("AQcBAQAAAAAAAAABQ1ctMjAyNi0wNDI")),
    ] {
        let mut body = json!({"caseNumber": number});
        body[field] = value.clone();
        assert_eq!(server.post(STATUS, &body).await.invalid_fields(), [field], "{value}");
        let value = value.to_string().replace('"', "");
        let path = format!("/api/internal/support/case/{number}?{field}={value}");
        assert_eq!(server.staff_get(&path).await.invalid_fields(), [field], "{value}");
    }
}

async fn an_entry_shows_its_author_and_the_status_shows_the_subject(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let reply =
        server.post(REPLY, &json!({"caseNumber": number, "message": "Any news?"})).await.ok();
    assert_eq!(reply["update"]["author"], json!({"kind": "CUSTOMER", "name": "John Doe"}));
    assert_eq!(reply["update"]["isMine"], true);
    server.update(&number, &json!({"message": "We are on it."})).await.ok();
    server.update(&number, &json!({"statusChange": "ON_HOLD"})).await.ok();
    server.update(&number, &json!({"message": "Psst.", "isInternal": true})).await.ok();

    let status = server.post(STATUS, &json!({"caseNumber": number})).await.ok();
    assert_eq!(status["case"]["subject"], a_case()["subject"]);
    assert_eq!(status["case"]["message"], a_case()["message"]);
    let [customer, staff, system] = &status["updates"].as_array().unwrap()[..] else {
        panic!("{status}")
    };
    assert_eq!(customer, &reply["update"]);
    assert_eq!(staff["author"]["kind"], "STAFF");
    assert_eq!((&staff["isMine"], &system["isMine"]), (&json!(false), &json!(false)));
    assert_eq!(system["author"]["kind"], "SYSTEM");
    let name = staff["author"]["name"].as_str().unwrap();
    let details = server.details(&number).await;
    assert_eq!(details["updates"][1]["author"]["name"], name);
    // Customers see nothing of a staff member but the name.
    let id = details["updates"][1]["author"]["id"].as_str().unwrap();
    assert!(!status.to_string().contains(&format!("\"{id}\"")), "{status}");
}

async fn replies_to_a_case_are_limited_per_hour(store: Store) {
    let settings = [("ENGAGE_LIMITS__CUSTOMER_REPLIES", "3")];
    let server = Server::with_staff_and(store, &settings).await;
    let (number, other) = (server.open(&a_case()).await, server.open(&a_case()).await);
    let reply = |number: &str| json!({"caseNumber": number, "message": "Hello?"});
    for _ in 0..3 {
        server.post(REPLY, &reply(&number)).await.ok();
    }
    let refused = server.post(REPLY, &reply(&number)).await;
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    let sentence = refused.body["error"].as_str().unwrap();
    assert!(sentence.contains("many replies"), "{sentence}");
    let details = refused.refused(429, "RATE_LIMITED");
    assert_eq!(details, json!({"retryAfterSeconds": seconds}));
    // Other cases, staff and the customer's other requests are not affected.
    server.post(REPLY, &reply(&other)).await.ok();
    server.update(&number, &json!({"message": "We are here."})).await.ok();
    let escalate = json!({"caseNumber": number, "reason": "No answer."});
    server.post("/api/support/case/escalate", &escalate).await.ok();
    let again = server.post("/api/support/case/escalate", &escalate).await;
    let sentence = again.body["error"].as_str().unwrap();
    assert!(sentence.starts_with("The case was escalated a short while ago"), "{sentence}");
    again.refused(429, "RATE_LIMITED");
}

async fn files_need_no_message(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let file = json!([{"filename": "a.txt", "contentType": "text/plain", "content": "NDAz"}]);
    let body = json!({"caseNumber": number, "attachments": file});
    let reply = server.post(REPLY, &body).await.ok();
    assert_eq!(reply["update"]["message"], "Sent a file");
    let form = Form::default().field("caseNumber", &number).field("message", " ");
    let form = form.file("a", "text/plain", b"1").file("b", "text/plain", b"2");
    let request = form.of(server.request(reqwest::Method::POST, REPLY));
    assert_eq!(Response::to(request).await.ok()["update"]["message"], "Sent 2 files");
    let update = server.update(&number, &json!({"attachments": file})).await.ok();
    assert_eq!(update["update"]["message"], "Sent a file");

    let nothing = json!({"caseNumber": number, "attachments": []});
    assert_eq!(server.post(REPLY, &nothing).await.invalid_fields(), ["message"]);
    let form = Form::default().field("caseNumber", &number);
    let request = form.of(server.request(reqwest::Method::POST, REPLY));
    assert_eq!(Response::to(request).await.invalid_fields(), ["message"]);
    let nothing = json!({"attachments": []});
    assert_eq!(server.update(&number, &nothing).await.invalid_fields(), ["message"]);
}

async fn numbers_and_addresses_are_accepted_as_people_write_them(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", "email")]).await;
    let mut case = a_case();
    case["phone"] = json!("+49 (0)30 1234567");
    case["email"] = json!("info@M\u{fc}nchen.example");
    let number = server.open(&case).await;
    let info = server.details(&number).await["case"]["customerInfo"].clone();
    assert_eq!(info["phone"], "+49301234567");
    assert_eq!(info["email"], "info@M\u{fc}nchen.example");
    let mails = server.mails_once(2).await;
    let confirmed = mails.iter().find(|mail| mail.to() != "support@localhost").unwrap();
    assert_eq!(confirmed.to(), "info@xn--mnchen-3ya.example");
    // Both forms of the address belong to the customer.
    for email in ["info@m\u{fc}nchen.example", "INFO@XN--MNCHEN-3YA.example"] {
        server.post(STATUS, &json!({"caseNumber": number, "email": email})).await.ok();
    }
    let other = json!({"caseNumber": number, "email": "info@munchen.example"});
    server.post(STATUS, &other).await.refused(404, "CASE_NOT_FOUND");
    let code = json!({"caseNumber": number, "email": "info@xn--mnchen-3ya.example"});
    server.post("/api/support/case/access", &code).await.ok();
    let mails = server.mails_once(3).await;
    let codes = mails.iter().filter(|mail| mail.to() == "info@xn--mnchen-3ya.example").count();
    assert_eq!(codes, 2);
}

async fn invisible_text_and_unreachable_addresses_are_refused(store: Store) {
    let server = Server::with_staff(store).await;
    for (field, value) in [
        ("email", "a@localhost"),
        ("email", "john@192.0.2.1"),
        ("email", "a@xn--999999999.example"),
        ("email", "a%b@c"),
        ("email", "j\u{f6}hn@example.com"),
        ("phone", "+0123456"),
        ("phone", "+(0)49 30 1234567"),
        ("name", "\u{200b}"),
        ("subject", "\u{3164}"),
        ("message", "\u{2800}\u{200b}"),
        ("organization", "\u{feff}"),
        ("name", "Ann\u{202e}nnA"),
        ("subject", "one\u{2028}two"),
        ("clientOrProjectName", "\u{2066}x\u{2069}"),
    ] {
        let mut case = a_case();
        case[field] = json!(value);
        let response = server.post("/api/support/case", &case).await;
        assert_eq!(response.invalid_fields(), [field], "{value:?}");
    }
    let mut case = a_case();
    case["email"] = json!("j\u{f6}hn@example.com");
    let response = server.post("/api/support/case", &case).await;
    let sentence = response.body["error"].as_str().unwrap();
    assert!(sentence.contains("before the @"), "{sentence}");
}

async fn a_member_cannot_be_named_like_a_reserved_word(store: Store) {
    let server = Server::with_staff(store).await;
    let add = |id: Option<&str>, email: &str| json!({"id": id, "name": "Mo", "email": email, "role": "AGENT"});
    for word in ["me", "unassigned"] {
        let response =
            server.staff_post("/api/internal/staff", &add(Some(word), "mo@x.example")).await;
        assert_eq!(response.invalid_fields(), ["id"], "{word}");
        let email = format!("{word}@x.example");
        let added = server.staff_post("/api/internal/staff", &add(None, &email)).await.ok();
        assert_eq!(added["staff"]["id"], format!("{word}-1"));
    }
}

async fn only_changes_visible_to_the_customer_move_the_last_update(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let status =
        async || server.post(STATUS, &json!({"caseNumber": number})).await.ok()["case"].clone();
    let opened = status().await;
    server.update(&number, &json!({"message": "Psst.", "isInternal": true})).await.ok();
    assert_eq!(status().await, opened);
    let hold = json!({"message": "x", "isInternal": true, "statusChange": "ON_HOLD"});
    server.update(&number, &hold).await.ok();
    let on_hold = status().await;
    assert_eq!(on_hold["status"], "ON_HOLD");
    assert_ne!(on_hold["lastUpdated"], opened["lastUpdated"]);
    let path = format!("/api/internal/support/case/{number}");
    let request = server.staff_request(reqwest::Method::PATCH, &path);
    Response::to(request.json(&json!({"urgency": "CRITICAL"}))).await.ok();
    let corrected = status().await;
    assert_eq!(corrected["urgency"], "CRITICAL");
    assert_ne!(corrected["lastUpdated"], on_hold["lastUpdated"]);
}
