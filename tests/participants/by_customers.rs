//! Participants whom customers add, and who leave and come back.

use serde_json::{Value, json};

use super::{OpenCase, PARTICIPANTS};
use crate::support::{Server, Store, case_with, on_both_stores};

on_both_stores! {
    a_customer_adds_and_removes_a_participant
    a_customer_does_not_learn_who_is_staff
    refused_addresses_and_domains_are_not_added_by_customers
    a_customer_adds_a_limited_number_of_new_addresses_to_all_cases
    a_participant_replies_and_reads_from_their_time_on
    a_participant_leaves_and_comes_back
    a_case_with_participants_is_closed_to_whoever_knows_its_number
    customers_see_the_addresses_they_added_and_participants_see_none
}

async fn invite(server: &Server, case: &OpenCase, email: &str) -> Value {
    let body = case.with(&case.token, &json!({"participantEmail": email}));
    server.post(PARTICIPANTS, &body).await.ok()
}

async fn a_customer_adds_and_removes_a_participant(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let fields = json!({"participantEmail": "ann@x.example", "participantName": "Ann Lee"});
    let added = server.post(PARTICIPANTS, &case.with(&case.token, &fields)).await.ok();
    let ann = &added["participants"][0];
    assert_eq!((&ann["name"], &ann["state"]), (&json!("Ann Lee"), &json!("ACTIVE")));
    assert_eq!(ann["email"], "ann@x.example");
    let listed = server.staff_get(&case.path()).await.ok();
    assert_eq!(listed["participants"][0]["addedBy"]["kind"], "CUSTOMER");

    let remove = format!("{PARTICIPANTS}/remove");
    let unknown = case.with(&case.token, &json!({"participantId": "nonsense"}));
    server.post(&remove, &unknown).await.refused(404, "PARTICIPANT_NOT_FOUND");
    let body = case.with(&case.token, &json!({"participantId": ann["id"]}));
    let removed = server.post(&remove, &body).await.ok();
    assert_eq!(removed["participants"][0]["state"], "REMOVED");
    assert_eq!(server.post(&remove, &body).await.ok()["message"], "Nothing to change");
    let missing = server.post(&remove, &case.with(&case.token, &json!({}))).await;
    assert_eq!(missing.invalid_fields(), ["participantId"]);
    let missing = server.post(PARTICIPANTS, &case.with(&case.token, &json!({}))).await;
    assert_eq!(missing.invalid_fields(), ["participantEmail"]);
}

async fn a_customer_does_not_learn_who_is_staff(store: Store) {
    let settings = [("ENGAGE_CUSTOMERS__PARTICIPANTS__REFUSE", "press@x.example")];
    let server = Server::with_staff_and(store, &settings).await;
    let member = json!({"id": "eve", "name": "Eve", "email": "eve@desk.example", "role": "AGENT"});
    server.staff_post("/api/internal/staff", &member).await.ok();
    let case = OpenCase::open(&server).await;
    let mut refusals = Vec::new();
    for email in ["eve@desk.example", "press@x.example"] {
        let body = case.with(&case.token, &json!({"participantEmail": email}));
        refusals.push(server.post(PARTICIPANTS, &body).await.refused(400, "VALIDATION_ERROR"));
    }
    assert_eq!(refusals[0], refusals[1]);
}

async fn refused_addresses_and_domains_are_not_added_by_customers(store: Store) {
    let refuse = ("ENGAGE_CUSTOMERS__PARTICIPANTS__REFUSE", "press@x.example,@rival.example");
    let server = Server::with_staff_and(store, &[refuse]).await;
    let case = OpenCase::open(&server).await;
    for email in ["Press@X.example", "ann@rival.example", "john@example.com", "noreply@y.example"] {
        let body = case.with(&case.token, &json!({"participantEmail": email}));
        let refused = server.post(PARTICIPANTS, &body).await;
        assert_eq!(refused.invalid_fields(), ["participantEmail"], "{email}");
    }
    invite(&server, &case, "ann@sub.rival.example").await;
    // Staff decide for themselves.
    case.add(&server, "press@x.example", "NOW").await;
}

async fn a_customer_adds_a_limited_number_of_new_addresses_to_all_cases(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_LIMITS__NEW_PARTICIPANTS", "2")]).await;
    let [first, second] = [OpenCase::open(&server).await, OpenCase::open(&server).await];
    invite(&server, &first, "ann@x.example").await;
    // What is refused does not count.
    let refused = first.with(&first.token, &json!({"participantEmail": "noreply@x.example"}));
    server.post(PARTICIPANTS, &refused).await.refused(400, "VALIDATION_ERROR");
    invite(&server, &first, "bob@x.example").await;
    let eve = second.with(&second.token, &json!({"participantEmail": "eve@x.example"}));
    let limited = server.post(PARTICIPANTS, &eve).await;
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    let details = limited.refused(429, "RATE_LIMITED");
    assert_eq!(details["retryAfterSeconds"], wait);
    // Addresses that the customer has added today are not new, and staff are not limited.
    invite(&server, &second, "ANN@x.example").await;
    second.add(&server, "eve@x.example", "NOW").await;
    // Neither are other customers.
    let other =
        server.post("/api/support/case", &case_with("email", "jane@example.com")).await.ok();
    let fields = json!({
        "caseNumber": other["caseNumber"], "accessToken": other["accessToken"],
        "participantEmail": "eve@x.example",
    });
    server.post(PARTICIPANTS, &fields).await.ok();
}

async fn a_participant_replies_and_reads_from_their_time_on(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let reply = |token: &str, text: &str| {
        let body = case.with(token, &json!({"message": text}));
        let server = &server;
        async move { server.post("/api/support/case/reply", &body).await.ok() }
    };
    reply(&case.token, "Before.").await;
    invite(&server, &case, "ann@x.example").await;
    let ann = case.token_of(&server, "ann@x.example").await;
    assert!(ann.starts_with("cap_"), "{ann}");
    let replied = reply(&ann, "From Ann.").await;
    assert_eq!(replied["update"]["isMine"], true);
    assert_eq!(replied["update"]["author"]["kind"], "PARTICIPANT");
    server.update(&case.number, &json!({"message": "Hidden.", "isInternal": true})).await.ok();
    server.update(&case.number, &json!({"message": "To all."})).await.ok();
    reply(&case.token, "From John.").await;

    assert_eq!(case.read(&server, &ann).await, ["From Ann.", "To all.", "From John."]);
    let all = ["Before.", "From Ann.", "To all.", "From John."];
    assert_eq!(case.read(&server, &case.token).await, all);
    let shown = server.post("/api/support/case/status", &case.with(&ann, &json!({}))).await.ok();
    assert_eq!(shown["case"].get("message"), None, "the first message was written before");
    let mine: Vec<_> =
        shown["updates"].as_array().unwrap().iter().map(|one| &one["isMine"]).collect();
    assert_eq!(mine, [&json!(true), &json!(false), &json!(false)]);
    // Pages are of what Ann may read.
    let page = case.with(&ann, &json!({"limit": 1}));
    let page = server.post("/api/support/case/status", &page).await.ok();
    assert_eq!(page["updates"][0]["message"], "From John.");
    let cursor = &page["pagination"]["nextCursor"];
    let page = case.with(&ann, &json!({"limit": 2, "cursor": cursor}));
    let page = server.post("/api/support/case/status", &page).await.ok();
    assert_eq!(page["updates"][0]["message"], "From Ann.");
    assert_eq!(page["pagination"]["nextCursor"], Value::Null);
}

async fn a_participant_leaves_and_comes_back(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    invite(&server, &case, "ann@x.example").await;
    let ann = case.token_of(&server, "ann@x.example").await;
    let act = |name: &str, token: &str| {
        let (path, body) = (format!("{PARTICIPANTS}/{name}"), case.with(token, &json!({})));
        let server = &server;
        async move { server.post(&path, &body).await }
    };
    act("leave", &case.token).await.refused(403, "PARTICIPANT_ONLY");
    act("return", &case.token).await.refused(403, "PARTICIPANT_ONLY");
    act("leave", &ann).await.ok();
    assert_eq!(act("leave", &ann).await.ok()["message"], "Nothing to change");
    let look = server.post("/api/support/case/status", &case.with(&ann, &json!({}))).await;
    look.refused(404, "CASE_NOT_FOUND");
    server.update(&case.number, &json!({"message": "Meanwhile."})).await.ok();
    // The customer cannot bring her back.
    let body = case.with(&case.token, &json!({"participantEmail": "ann@x.example"}));
    let refused = server.post(PARTICIPANTS, &body).await;
    assert_eq!(refused.invalid_fields(), ["participantEmail"]);

    act("return", &ann).await.ok();
    server.update(&case.number, &json!({"message": "Welcome."})).await.ok();
    assert_eq!(case.read(&server, &ann).await, ["Welcome."]);
}

async fn a_case_with_participants_is_closed_to_whoever_knows_its_number(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let stranger = json!({"caseNumber": case.number});
    server.post("/api/support/case/status", &stranger).await.ok();
    let invite_as_stranger =
        json!({"caseNumber": case.number, "participantEmail": "eve@x.example"});
    server.post(PARTICIPANTS, &invite_as_stranger).await.refused(401, "PROOF_REQUIRED");
    invite(&server, &case, "ann@x.example").await;
    for shown in [stranger, json!({"caseNumber": case.number, "email": "john@example.com"})] {
        let refused = server.post("/api/support/case/status", &shown).await;
        assert_eq!(refused.refused(401, "PROOF_REQUIRED"), json!({"accepts": ["accessToken"]}));
    }
}

async fn customers_see_the_addresses_they_added_and_participants_see_none(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let shown = async |token: &str| {
        let body = case.with(token, &json!({}));
        server.post("/api/support/case/status", &body).await.ok()["case"]["participants"].clone()
    };
    assert_eq!(shown(&case.token).await, Value::Null);
    invite(&server, &case, "ann@x.example").await;
    case.add(&server, "bob@x.example", "NOW").await;
    let ann = case.token_of(&server, "ann@x.example").await;
    let emails = |list: &Value| {
        let all = list.as_array().unwrap().iter();
        all.map(|one| one["email"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let to_customer = emails(&shown(&case.token).await);
    assert_eq!(to_customer, [Some("ann@x.example".to_owned()), None]);
    assert_eq!(emails(&shown(&ann).await), [None, None]);
}
