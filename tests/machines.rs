//! Machines as members of staff: what they are, what they may write, and for whom.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, keys, on_both_stores};

on_both_stores! {
    a_machine_is_added_read_and_changed_without_an_address
    a_machine_is_added_on_the_command_line
    a_member_never_changes_between_machine_and_person
    fields_of_the_other_kind_are_refused
    no_case_is_assigned_to_a_machine
    colleagues_do_not_see_machines_among_those_who_take_cases
    what_a_machine_writes_for_itself_is_no_first_response
    a_machine_writes_on_behalf_of_the_members_it_acts_for
    nobody_else_writes_on_behalf_of_others
    a_scope_that_was_taken_away_opens_nothing_more
    the_rights_of_machines_are_in_the_audit_log
}

const STAFF: &str = "/api/internal/staff";
const CASES: &str = "/api/internal/support/cases";
const ALL_OF_CASES: [&str; 3] = ["cases.open", "cases.read", "cases.reply"];

/// Adds a machine that acts for Sam, and returns its token.
async fn a_machine(server: &Server, scopes: &[&str]) -> String {
    let machine = json!({
        "id": "gateway", "name": "Mail gateway", "role": "SERVICE", "scopes": scopes,
        "actsFor": ["staff-456"],
    });
    server.staff_post(STAFF, &machine).await.ok();
    server.workspace().token("gateway")
}

async fn patch(server: &Server, id: &str, body: &Value) -> Response {
    Response::to(server.staff_request(Method::PATCH, &format!("{STAFF}/{id}")).json(body)).await
}

/// Sends a request with the token of a machine.
async fn as_machine(server: &Server, token: &str, path: &str, body: &Value) -> Response {
    Response::to(server.request(Method::POST, path).bearer_auth(token).json(body)).await
}

fn update_of(number: &str) -> String {
    format!("/api/internal/support/case/{number}/update")
}

async fn a_machine_is_added_read_and_changed_without_an_address(store: Store) {
    let server = Server::with_staff(store).await;
    let new = json!({"name": "Mail gateway", "role": "service", "department": "Billing"});
    let added = server.staff_post(STAFF, &new).await.ok()["staff"].clone();
    assert_eq!((&added["id"], &added["role"]), (&json!("mail-gateway"), &json!("SERVICE")));
    assert_eq!((&added["email"], &added["phone"]), (&Value::Null, &Value::Null));
    assert_eq!((&added["scopes"], &added["actsFor"]), (&json!([]), &json!([])));
    assert_eq!(added["department"], "Billing");

    let change = json!({"scopes": ["cases.reply", "CASES.READ"], "actsFor": ["staff-456"]});
    let changed = patch(&server, "mail-gateway", &change).await.ok()["staff"].clone();
    assert_eq!(changed["scopes"], json!(["cases.read", "cases.reply"]));
    assert_eq!(changed["actsFor"], json!(["staff-456"]));
    let read = server.staff_get(&format!("{STAFF}/mail-gateway")).await.ok();
    assert_eq!(read["staff"], changed);
    let listed = server.staff_get(&format!("{STAFF}?role=SERVICE")).await.ok();
    assert_eq!(listed["staff"], json!([changed]));
    let person = server.staff_get(&format!("{STAFF}/staff-456")).await.ok()["staff"].clone();
    assert!(!keys(&person).contains(&"scopes") && !keys(&person).contains(&"actsFor"), "{person}");
}

async fn a_machine_is_added_on_the_command_line(store: Store) {
    let server = Server::with_staff(store).await;
    let add = ["staff", "add", "--name", "Mail gateway", "--role", "SERVICE"];
    let rights = ["--scope", "cases.open", "--scope", "cases.reply", "--acts-for", "staff-456"];
    server.workspace().run(&[&add[..], &rights].concat()).ok();
    let machine = server.staff_get(&format!("{STAFF}/mail-gateway")).await.ok()["staff"].clone();
    assert_eq!(machine["scopes"], json!(["cases.open", "cases.reply"]));
    assert_eq!(machine["actsFor"], json!(["staff-456"]));
    let listed = server.workspace().run(&["staff", "list"]).ok();
    assert!(!listed.contains("service.invalid"), "{listed}");
    let address = ["--email", "gateway@desk.example"];
    let refusal = server.workspace().run(&[&add[..], &address].concat()).refusal();
    assert!(refusal.contains("--email"), "{refusal}");
    let person = ["staff", "add", "--name", "Ann", "--role", "AGENT"];
    let refusal = server.workspace().run(&person).refusal();
    assert!(refusal.contains("--email"), "{refusal}");
}

async fn a_member_never_changes_between_machine_and_person(store: Store) {
    let server = Server::with_staff(store).await;
    a_machine(&server, &[]).await;
    for (id, role) in [("gateway", "AGENT"), ("gateway", "ADMIN"), ("staff-456", "SERVICE")] {
        let details = patch(&server, id, &json!({"role": role})).await.refused(409, "ROLE_FIXED");
        assert_eq!(details, json!({"staffId": id}));
    }
    patch(&server, "gateway", &json!({"role": "SERVICE"})).await.ok();
}

async fn fields_of_the_other_kind_are_refused(store: Store) {
    let server = Server::with_staff(store).await;
    a_machine(&server, &[]).await;
    let machine =
        json!({"name": "N", "role": "SERVICE", "email": "n@desk.example", "phone": "+15550100999"});
    let refusal = server.staff_post(STAFF, &machine).await;
    assert_eq!(refusal.invalid_fields(), ["email", "phone"]);
    let person = json!({"name": "N", "role": "AGENT", "scopes": [], "actsFor": []});
    let refusal = server.staff_post(STAFF, &person).await;
    assert_eq!(refusal.invalid_fields(), ["email", "scopes", "actsFor"]);
    for (id, change, field) in [
        ("gateway", json!({"email": "n@desk.example"}), "email"),
        ("gateway", json!({"phone": "+15550100999"}), "phone"),
        ("staff-456", json!({"scopes": ["cases.read"]}), "scopes"),
        ("staff-456", json!({"actsFor": ["staff-123"]}), "actsFor"),
    ] {
        assert_eq!(patch(&server, id, &change).await.invalid_fields(), [field], "{id}");
    }
}

async fn no_case_is_assigned_to_a_machine(store: Store) {
    let server = Server::with_staff(store).await;
    a_machine(&server, &[]).await;
    let number = server.open(&a_case()).await;
    let mut opening = a_case();
    opening["assignedTo"] = json!("gateway");
    let assigned = server.assign(&number, &json!({"staffId": "gateway"})).await;
    for refusal in [assigned, server.staff_post(CASES, &opening).await] {
        let sentence = refusal.body["error"].as_str().unwrap().to_owned();
        assert!(sentence.contains("SERVICE member"), "{sentence}");
        assert_eq!(refusal.refused(404, "STAFF_NOT_FOUND"), json!({"staffId": "gateway"}));
    }
    let bulk = json!({"action": "assign", "caseNumbers": [number], "staffId": "gateway"});
    let response = server.staff_post(&format!("{CASES}/bulk"), &bulk).await.ok();
    assert_eq!(response["results"][0]["code"], "STAFF_NOT_FOUND");
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

async fn colleagues_do_not_see_machines_among_those_who_take_cases(store: Store) {
    let mut server = Server::with_staff(store).await;
    a_machine(&server, &[]).await;
    server.use_token(server.workspace().token("staff-456"));
    for (query, count) in [("", 2), ("?role=SERVICE", 0), ("?role=SERVICE,ADMIN", 1)] {
        let listed = server.staff_get(&format!("{STAFF}{query}")).await.ok();
        assert_eq!(listed["pagination"]["total"], count, "{query}");
    }
}

async fn what_a_machine_writes_for_itself_is_no_first_response(store: Store) {
    let server = Server::with_staff(store).await;
    let token = a_machine(&server, &ALL_OF_CASES).await;
    let number = server.open(&a_case()).await;
    let message = json!({"message": "We have received your request."});
    as_machine(&server, &token, &update_of(&number), &message).await.ok();
    let details = server.details(&number).await;
    assert_eq!(details["case"]["timeline"]["firstResponse"], Value::Null);
    let author = &details["updates"][0]["author"];
    let machine = json!({"id": "gateway", "name": "Mail gateway"});
    assert_eq!((&author["kind"], &author["id"]), (&json!("STAFF"), &json!("gateway")));
    assert_eq!(author["via"], machine);

    let mut opening = a_case();
    opening["firstMessageBy"] = json!("STAFF");
    let opened = as_machine(&server, &token, CASES, &opening).await.ok();
    assert_eq!(opened["firstResponse"], Value::Null);
}

async fn a_machine_writes_on_behalf_of_the_members_it_acts_for(store: Store) {
    let server = Server::with_staff(store).await;
    let token = a_machine(&server, &ALL_OF_CASES).await;
    let mut opening = a_case();
    opening["onBehalfOf"] = json!("staff-456");
    let opened = as_machine(&server, &token, CASES, &opening).await.ok();
    let number = opened["caseNumber"].as_str().unwrap();
    let message = json!({"message": "Please sign in again.", "onBehalfOf": "staff-456"});
    let updated = as_machine(&server, &token, &update_of(number), &message).await.ok();
    let author = json!({
        "kind": "STAFF", "id": "staff-456", "name": "Sam Jones",
        "via": {"id": "gateway", "name": "Mail gateway"},
    });
    assert_eq!(updated["update"]["author"], author);
    let details = server.details(number).await;
    assert_eq!(details["updates"][0]["author"], author);
    assert!(details["case"]["timeline"]["firstResponse"].is_string(), "{details}");
    let history = format!("/api/internal/support/case/{number}/history");
    let events = server.staff_get(&history).await.ok()["events"].clone();
    assert_eq!((&events[0]["actor"], &events[1]["actor"]), (&author, &author));
    let feed = server.staff_get("/api/internal/support/events").await.ok();
    assert_eq!(feed["events"][1]["data"]["event"]["actor"], author);
}

async fn nobody_else_writes_on_behalf_of_others(store: Store) {
    let server = Server::with_staff(store).await;
    let token = a_machine(&server, &ALL_OF_CASES).await;
    let number = server.open(&a_case()).await;
    let on_behalf_of = |id: &str| json!({"message": "m", "onBehalfOf": id});
    for id in ["staff-123", "gateway", "nobody"] {
        let refusal = as_machine(&server, &token, &update_of(&number), &on_behalf_of(id)).await;
        assert_eq!(refusal.refused(403, "ON_BEHALF_REFUSED"), json!({"staffId": id}));
    }
    let by_person = server.update(&number, &on_behalf_of("staff-456")).await;
    by_person.refused(403, "ON_BEHALF_REFUSED");
    server.staff_post(&format!("{STAFF}/staff-456/deactivate"), &json!({})).await.ok();
    let gone = as_machine(&server, &token, &update_of(&number), &on_behalf_of("staff-456")).await;
    gone.refused(403, "ON_BEHALF_REFUSED");
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

async fn a_scope_that_was_taken_away_opens_nothing_more(store: Store) {
    let server = Server::with_staff(store).await;
    let token = a_machine(&server, &ALL_OF_CASES).await;
    let number = server.open(&a_case()).await;
    let message = json!({"message": "m"});
    as_machine(&server, &token, &update_of(&number), &message).await.ok();
    patch(&server, "gateway", &json!({"scopes": ["cases.read"]})).await.ok();
    let refusal = as_machine(&server, &token, &update_of(&number), &message).await;
    let details = json!({"requiredRole": "AGENT", "requiredScopes": ["cases.reply"]});
    assert_eq!(refusal.refused(403, "FORBIDDEN"), details);
    patch(&server, "gateway", &json!({"active": false})).await.ok();
    let refusal = as_machine(&server, &token, &update_of(&number), &message).await;
    refusal.refused(401, "UNAUTHORIZED");
}

async fn the_rights_of_machines_are_in_the_audit_log(store: Store) {
    let server = Server::with_staff(store).await;
    a_machine(&server, &["cases.read"]).await;
    patch(&server, "gateway", &json!({"scopes": ["cases.reply"]})).await.ok();
    let log = server.staff_get("/api/internal/audit").await.ok();
    let entries = log["entries"].to_string();
    assert!(entries.contains("cases.read") && entries.contains("cases.reply"), "{entries}");
    assert!(entries.contains("actsFor"), "{entries}");
    assert!(!entries.contains("service.invalid"), "{entries}");
}
