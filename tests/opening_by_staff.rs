//! Cases that staff open for customers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{HttpReceiver, Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    staff_open_a_case_that_lists_the_history_and_the_feed_attribute_to_them
    the_customer_gets_the_message_and_a_link_to_the_case
    a_message_by_staff_is_the_first_response_and_is_shown_as_theirs
    a_case_is_opened_for_an_assignee_in_their_department
    nobody_writes_to_a_customer_who_is_not_to_be_told
    a_case_opened_by_staff_requires_a_token_of_its_customer
    an_opening_under_a_key_is_replayed_and_happens_once
    files_are_attached_to_a_case_opened_by_staff
    a_customer_without_an_address_has_null_wherever_one_is_shown
    nobody_writes_to_a_customer_without_an_address
    a_customer_has_an_address_or_a_telephone_number
}

const CASES: &str = "/api/internal/support/cases";
const STATUS: &str = "/api/support/case/status";

/// The new case of the seed with more fields.
fn with(fields: &Value) -> Value {
    let mut case = a_case();
    case.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    case
}

async fn open(server: &Server, fields: &Value) -> Value {
    server.staff_post(CASES, &with(fields)).await.ok()
}

fn number(opened: &Value) -> &str {
    opened["caseNumber"].as_str().unwrap()
}

/// Returns the access token in the link of an e-mail to the customer.
fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("/cat_").expect("a link to the case");
    format!("cat_{}", rest.split_whitespace().next().unwrap())
}

async fn staff_open_a_case_that_lists_the_history_and_the_feed_attribute_to_them(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let opened = server.staff_post(CASES, &a_case()).await;
    assert_eq!(opened.header("etag"), Some("\"1\""));
    let opened = opened.ok();
    let number = number(&opened);
    assert_eq!((&opened["status"], &opened["source"]), (&json!("OPEN"), &json!("STAFF")));
    assert_eq!(opened["assignment"]["assignedTo"], Value::Null);
    assert_eq!(opened["firstResponse"], Value::Null);
    assert!(opened.get("accessToken").is_none(), "{opened}");

    let listed = server.staff_get(&format!("{CASES}?source=staff,EMAIL")).await.ok();
    assert_eq!(listed["pagination"]["total"], 1);
    assert_eq!(listed["cases"][0]["caseNumber"], number);
    assert_eq!(listed["cases"][0]["source"], "STAFF");
    let found = server.staff_get(&format!("{CASES}?source=STAFF&q=dashboard")).await.ok();
    assert_eq!(found["pagination"]["total"], 1);

    let details = server.details(number).await;
    let case = &details["case"]["caseDetails"];
    assert_eq!((&case["source"], &case["firstMessageBy"]), (&json!("STAFF"), &json!("CUSTOMER")));
    let history = format!("/api/internal/support/case/{number}/history");
    let event = server.staff_get(&history).await.ok()["events"][0].clone();
    assert_eq!((&event["type"], &event["sequence"]), (&json!("case.created"), &json!(1)));
    assert_eq!(event["actor"]["id"], "staff-123");
    assert!(event["origin"]["credential"].as_str().unwrap().starts_with("tok_"), "{event}");
    let feed = server.staff_get("/api/internal/support/events").await.ok();
    let created = &feed["events"][1]["data"];
    assert_eq!(created["event"]["actor"], event["actor"]);
    assert_eq!(created["case"]["caseDetails"]["source"], "STAFF");
}

async fn the_customer_gets_the_message_and_a_link_to_the_case(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open(&server, &json!({"message": "The dashboard says 403."})).await;
    let mails = server.mails_once(2).await;
    let to_customer = mails.iter().find(|mail| mail.to().contains("john@example.com")).unwrap();
    assert_eq!(to_customer.subject(), format!("[{}] Your case", number(&opened)));
    assert!(to_customer.text.contains("What we noted:"), "{}", to_customer.text);
    assert!(to_customer.text.contains("The dashboard says 403."), "{}", to_customer.text);
    assert!(to_customer.html.contains("The dashboard says 403."), "{}", to_customer.html);
    let proof = json!({"caseNumber": number(&opened), "accessToken": token_in(&to_customer.text)});
    let status = server.post(STATUS, &proof).await.ok();
    assert_eq!(status["case"]["message"], "The dashboard says 403.");
    assert!(status["case"].get("messageBy").is_none(), "{status}");
}

async fn a_message_by_staff_is_the_first_response_and_is_shown_as_theirs(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open(&server, &json!({"firstMessageBy": "staff"})).await;
    let details = server.details(number(&opened)).await;
    let timeline = &details["case"]["timeline"];
    assert_eq!(opened["firstResponse"], timeline["createdAt"]);
    assert_eq!(timeline["firstResponse"], timeline["createdAt"]);
    assert_eq!(details["sla"]["firstResponse"]["state"], "MET");
    let mails = server.mails_once(2).await;
    let to_customer = mails.iter().find(|mail| mail.to().contains("john@example.com")).unwrap();
    assert!(to_customer.text.contains("Our message to you:"), "{}", to_customer.text);
    let proof = json!({"caseNumber": number(&opened), "accessToken": token_in(&to_customer.text)});
    let status = server.post(STATUS, &proof).await.ok();
    assert_eq!(status["case"]["messageBy"], "STAFF");

    let silent = open(&server, &json!({"firstMessageBy": "STAFF", "responded": false})).await;
    assert_eq!(silent["firstResponse"], Value::Null);
    let answered = open(&server, &json!({"responded": true})).await;
    assert_ne!(answered["firstResponse"], Value::Null);
}

async fn a_case_is_opened_for_an_assignee_in_their_department(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open(&server, &json!({"assignedTo": "staff-456"})).await;
    assert_eq!((&opened["status"], &opened["version"]), (&json!("IN_PROGRESS"), &json!(1)));
    assert_eq!(opened["assignment"]["assignedTo"], "staff-456");
    assert_eq!(opened["assignment"]["department"], "Technical Support");
    let details = server.details(number(&opened)).await;
    let updates = details["updates"].as_array().unwrap();
    assert_eq!(updates[0]["message"], "Case assigned to Technical Support");
    assert_eq!(details["case"]["assignment"]["assigneeName"], "Sam Jones");
    // The customer, the team and the assignee.
    let mails = server.mails_once(3).await;
    let to_sam = mails.iter().find(|mail| mail.to().contains("sam@staff.example")).unwrap();
    assert!(to_sam.text.contains("opened a case for John Doe"), "{}", to_sam.text);

    let unknown = with(&json!({"assignedTo": "nobody"}));
    let refused = server.staff_post(CASES, &unknown).await;
    assert_eq!(refused.refused(404, "STAFF_NOT_FOUND"), json!({"staffId": "nobody"}));
    let total = server.staff_get(CASES).await.ok()["pagination"]["total"].clone();
    assert_eq!(total, 1);
}

async fn nobody_writes_to_a_customer_who_is_not_to_be_told(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open(&server, &json!({"notifyCustomer": false})).await;
    let mails = server.mails_once(1).await;
    assert!(!mails[0].to().contains("john@example.com"), "{}", mails[0].to());
    // Only the opening is silent.
    server.update(number(&opened), &json!({"message": "Please sign in again."})).await.ok();
    let mails = server.mails_once(3).await;
    assert!(mails.iter().any(|mail| mail.to().contains("john@example.com")));
}

async fn a_case_opened_by_staff_requires_a_token_of_its_customer(store: Store) {
    for mode in ["case-number", "email", "token"] {
        let settings = [("ENGAGE_CUSTOMERS__ACCESS", mode)];
        let server = Server::with_staff_and(store, &settings).await;
        let opened = open(&server, &json!({})).await;
        let number = number(&opened);
        let mut requests = vec![json!({"caseNumber": number, "email": "john@example.com"})];
        requests.extend((mode == "case-number").then(|| json!({"caseNumber": number})));
        for body in requests {
            let details = server.post(STATUS, &body).await.refused(401, "PROOF_REQUIRED");
            assert_eq!(details, json!({"accepts": ["accessToken"]}), "{mode}");
            let mut cancel = body.clone();
            cancel["reason"] = "r".into();
            let refused = server.post("/api/support/case/cancel", &cancel).await;
            refused.refused(401, "PROOF_REQUIRED");
        }
        if mode != "token" {
            let wrong = json!({"caseNumber": number, "email": "jane@example.com"});
            server.post(STATUS, &wrong).await.refused(404, "CASE_NOT_FOUND");
        }
        let mails = server.mails_once(2).await;
        let mail = mails.iter().find(|mail| mail.to().contains("john@example.com")).unwrap();
        let proof = json!({"caseNumber": number, "accessToken": token_in(&mail.text)});
        assert_eq!(server.post(STATUS, &proof).await.ok()["case"]["status"], "OPEN");
    }
}

async fn an_opening_under_a_key_is_replayed_and_happens_once(store: Store) {
    let server = Server::with_staff(store).await;
    let send = async |body: &Value| {
        let request = server.staff_request(Method::POST, CASES);
        Response::to(request.header("Idempotency-Key", "call-66").json(body)).await
    };
    let body = with(&json!({"assignedTo": "staff-456"}));
    let first = send(&body).await.ok();
    // The repetition is answered even though the assignee has left meanwhile.
    server.staff_post("/api/internal/staff/staff-456/deactivate", &json!({})).await.ok();
    let again = send(&body).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("etag"), Some("\"1\""));
    assert_eq!(again.ok(), first);
    send(&a_case()).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    let total = server.staff_get(CASES).await.ok()["pagination"]["total"].clone();
    assert_eq!(total, 1);
}

async fn files_are_attached_to_a_case_opened_by_staff(store: Store) {
    let server = Server::with_staff(store).await;
    let file = json!({"filename": "notes.txt", "contentType": "text/plain", "content": "NDAz"});
    let opened = open(&server, &json!({"attachments": [file]})).await;
    let details = server.details(number(&opened)).await;
    let update = &details["updates"][0];
    assert_eq!(update["message"], "Files sent with the request");
    assert_eq!(
        (&update["author"]["id"], &update["source"]),
        (&json!("staff-123"), &json!("STAFF"))
    );
    assert_eq!(update["attachments"][0]["filename"], "notes.txt");
    let upload = details["attachments"][0]["id"].clone();
    let again = with(&json!({"attachments": [{"id": upload}]}));
    let refused = server.staff_post(CASES, &again).await;
    refused.refused(404, "ATTACHMENT_NOT_FOUND");
}

/// The new case of the seed for a customer who has only a telephone number.
fn by_phone() -> Value {
    let mut case = with(&json!({"name": "Zelda Quux"}));
    case.as_object_mut().unwrap().remove("email");
    case
}

async fn a_customer_without_an_address_has_null_wherever_one_is_shown(store: Store) {
    let private = [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")];
    let server = Server::with_staff_and(store, &private).await;
    let hooks = [HttpReceiver::start().await, HttpReceiver::start().await];
    for (receiver, internal) in hooks.iter().zip([true, false]) {
        let endpoint = json!({"url": receiver.url("/"), "includeInternal": internal});
        server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
    }
    let opened = server.staff_post(CASES, &by_phone()).await.ok();
    let number = number(&opened);
    let null = Some(&Value::Null);
    let customer = server.details(number).await["case"]["customerInfo"].clone();
    assert_eq!((customer.get("email"), &customer["phone"]), (null, &json!("+1234567890")));
    let listed = server.staff_get(CASES).await.ok()["cases"][0].clone();
    assert_eq!(listed.get("customerEmail"), null, "{listed}");
    let path = format!("/api/internal/support/case/{number}/history");
    let feed = server.staff_get("/api/internal/support/events").await.ok();
    assert_eq!(feed["events"][0]["data"]["case"]["customerInfo"].get("email"), null);
    server.staff_get(&path).await.ok();
    for receiver in &hooks {
        let [call] = &receiver.received_once(1).await[..] else { unreachable!() };
        let event: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(event["data"]["case"]["customerInfo"].get("email"), null, "{event}");
    }
    let export = server.staff_request(Method::GET, "/api/internal/support/cases/export?format=csv");
    let csv = export.send().await.unwrap().text().await.unwrap();
    assert!(csv.contains(",Zelda Quux,,BUSINESS,"), "{csv}");
    for (query, count) in [("q=quux", 1), ("q=1234567890", 1), ("q=absent", 0), ("q=invalid", 0)] {
        let found = server.staff_get(&format!("{CASES}?{query}")).await.ok();
        assert_eq!(found["pagination"]["total"], count, "{query}");
    }
}

async fn nobody_writes_to_a_customer_without_an_address(store: Store) {
    for mode in ["case-number", "email", "token"] {
        let settings = [("ENGAGE_CUSTOMERS__ACCESS", mode)];
        let server = Server::with_staff_and(store, &settings).await;
        let opened = server.staff_post(CASES, &by_phone()).await.ok();
        let number = number(&opened);
        server.update(number, &json!({"message": "We have found it."})).await.ok();
        server.assign(number, &json!({"staffId": "staff-456"})).await.ok();
        for email in ["zelda@person.example", "absent@absent.invalid"] {
            let code = json!({"caseNumber": number, "email": email});
            server.post("/api/support/case/access", &code).await.ok();
            let status = server.post(STATUS, &code).await;
            if mode == "token" {
                status.refused(401, "PROOF_REQUIRED");
            } else {
                status.refused(404, "CASE_NOT_FOUND");
            }
        }
        let erase = format!("/api/internal/support/case/{number}/erase");
        Response::to(server.staff_request(Method::POST, &erase)).await.ok();
        let path = format!("/api/internal/notifications/status?caseNumber={number}&limit=100");
        let told = server.staff_get(&path).await.ok()["notifications"].clone();
        let templates: Vec<_> =
            told.as_array().unwrap().iter().map(|one| one["template"].as_str().unwrap()).collect();
        assert!(!templates.is_empty());
        assert!(templates.iter().all(|name| !name.ends_with("-customer")), "{templates:?}");
        let customer = server.details(number).await["case"]["customerInfo"].clone();
        assert_eq!(customer["email"], "erased@erased.invalid");
        assert_eq!(customer["phone"], Value::Null);
    }
}

async fn a_customer_has_an_address_or_a_telephone_number(store: Store) {
    let server = Server::with_staff(store).await;
    for empty in [Value::Null, json!(""), json!(" ")] {
        let neither = with(&json!({"email": empty, "phone": empty}));
        let refused = server.staff_post(CASES, &neither).await;
        assert_eq!(refused.invalid_fields(), ["email"]);
        let fields = json!({"email": empty});
        assert_eq!(open(&server, &fields).await["status"], "OPEN");
        let by_mail = with(&json!({"phone": empty}));
        server.staff_post(CASES, &by_mail).await.ok();
        // Customers who write themselves give an address.
        let refused = server.post("/api/support/case", &with(&fields)).await;
        assert_eq!(refused.invalid_fields(), ["email"]);
    }
    let placeholder = with(&json!({"email": "absent@absent.invalid"}));
    let refused = server.staff_post(CASES, &placeholder).await;
    assert_eq!(refused.invalid_fields(), ["email"]);
}
