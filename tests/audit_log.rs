//! The audit log records what staff, administrators and commands do, and detects changes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, case_with, eventually_seen, keys, on_both_stores};

on_both_stores! {
    actions_of_administrators_are_recorded_with_their_origin
    actions_outside_the_history_of_a_case_are_recorded
    commands_and_starts_are_recorded
    failed_log_ins_are_recorded_once_per_address
    actions_that_change_nothing_are_not_recorded
    the_log_is_paged_and_only_readable_by_administrators
    the_log_is_verified_and_exported_while_the_server_runs
    changes_of_the_tables_are_detected
    the_history_of_a_case_shows_administrators_the_origin
}

const AUDIT: &str = "/api/internal/audit";

async fn list(server: &Server, query: &str) -> Vec<Value> {
    let response = server.staff_get(&format!("{AUDIT}?limit=100&{query}")).await.ok();
    response["entries"].as_array().unwrap().clone()
}

/// Returns the recorded actions of this server's API, the oldest first.
async fn acts(server: &Server) -> Vec<Value> {
    let mut entries = list(server, "actor=staff-123").await;
    entries.reverse();
    entries
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn actions_of_administrators_are_recorded_with_their_origin(store: Store) {
    let server = Server::with_staff(store).await;
    let boss = json!({"id": "bo", "name": "Bo", "email": "bo@desk.example", "role": "AGENT"});
    let request = server.staff_request(Method::POST, "/api/internal/staff").json(&boss);
    Response::to(request.header("x-request-id", "the-first")).await.ok();
    let path = "/api/internal/staff/bo";
    let change = json!({"role": "ADMIN", "name": "Bo"});
    Response::to(server.staff_request(Method::PATCH, path).json(&change)).await.ok();
    let issued =
        server.staff_post(&format!("{path}/tokens"), &json!({"name": "Laptop"})).await.ok();
    let token = format!("{path}/tokens/{}", text(&issued["id"]));
    server.staff_post(&format!("{token}/rotate"), &json!({})).await.ok();
    Response::to(server.staff_request(Method::DELETE, &token)).await.ok();
    server.staff_post(&format!("{path}/deactivate"), &json!({})).await.ok();
    let hook = json!({"url": "https://example.com/hooks", "eventTypes": ["case.created"]});
    let registered = server.staff_post("/api/internal/webhooks", &hook).await;
    // Without a network the URL is refused and nothing is recorded.
    if registered.status == 200 {
        let registered = registered.ok();
        let path = format!("/api/internal/webhooks/{}", text(&registered["webhook"]["id"]));
        server.staff_post(&format!("{path}/rotate-secret"), &json!({})).await.ok();
        Response::to(server.staff_request(Method::DELETE, &path)).await.ok();
    }

    let me = server.staff_get("/api/internal/me").await.ok();
    let acts = acts(&server).await;
    let expected = [
        ("staff.added", "bo", Value::Null, vec!["name", "email", "role", "department", "phone"]),
        ("staff.changed", "bo", Value::Null, vec!["role"]),
        (
            "token.created",
            text(&issued["id"]),
            json!("bo"),
            vec!["name", "expiresAt", "roleCeiling", "parentId"],
        ),
        ("token.rotated", text(&issued["id"]), json!("bo"), vec!["secret"]),
        ("token.revoked", text(&issued["id"]), json!("bo"), vec![]),
        ("staff.changed", "bo", Value::Null, vec!["active"]),
    ];
    for (act, (action, subject, owner, fields)) in acts.iter().zip(&expected) {
        assert_eq!(act["action"], *action, "{act}");
        assert_eq!((&act["subject"], &act["owner"]), (&json!(subject), owner), "{act}");
        assert_eq!(act["fields"], json!(fields), "{act}");
        assert_eq!(act["actor"], json!({"kind": "STAFF", "id": "staff-123"}));
        assert_eq!(act["credential"], me["authentication"]["tokenId"]);
        assert_eq!(act["values"]["address"], "127.0.0.1", "{act}");
    }
    assert!(acts.len() >= expected.len(), "{acts:?}");
    assert_eq!(acts[0]["requestId"], "the-first");
    assert_eq!(acts[1]["values"]["role"], json!({"from": "AGENT", "to": "ADMIN"}));
    assert_eq!(acts[2]["values"]["name"], "Laptop");
    // The log contains no secrets.
    let written = format!("{acts:?}");
    assert!(!written.contains(text(&issued["token"])) && !written.contains("eng_"), "{written}");
}

async fn actions_outside_the_history_of_a_case_are_recorded(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let path = format!("/api/internal/support/case/{number}");
    server.staff_post(&format!("{path}/access/rotate"), &json!({})).await.ok();
    let query = "?format=csv&status=OPEN&q=secretmail@example.com";
    let export = format!("/api/internal/support/cases/export{query}");
    assert_eq!(server.staff_get(&export).await.status, 200);
    server.staff_post(&format!("{path}/erase"), &json!({})).await.ok();
    let acts = acts(&server).await;
    let actions: Vec<_> = acts.iter().map(|act| text(&act["action"])).collect();
    assert_eq!(actions, ["case.access_rotated", "cases.exported", "case.erased"]);
    for index in [0, 2] {
        assert_eq!(acts[index]["subject"], number.as_str());
    }
    assert_eq!(acts[1]["fields"], json!(["format", "q", "status"]));
    assert_eq!(acts[1]["values"]["status"], json!(["OPEN"]));
    assert!(!format!("{acts:?}").contains("secretmail"));
}

async fn commands_and_starts_are_recorded(store: Store) {
    let server = Server::with_staff(store).await;
    server.workspace().token("staff-456");
    let by_command = list(&server, "action=token.created").await;
    let owners: Vec<_> = by_command.iter().map(|act| text(&act["owner"])).collect();
    assert_eq!(owners, ["staff-456", "staff-123"]);
    for act in &by_command {
        assert_eq!(act["actor"], json!({"kind": "COMMAND_LINE", "id": null}));
    }
    let started = list(&server, "action=server.started").await;
    let [started] = &started[..] else { panic!("{started:?}") };
    assert_eq!(started["actor"]["kind"], "SYSTEM");
    assert_eq!(started["values"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&started["values"]["settings"]).len(), 64);
}

async fn failed_log_ins_are_recorded_once_per_address(store: Store) {
    let server = Server::with_staff(store).await;
    for wrong in ["eng_wrong", "a.b.c", "eng_wrong"] {
        let request = server.request(Method::GET, AUDIT).bearer_auth(wrong);
        Response::to(request).await.refused(401, "UNAUTHORIZED");
    }
    // A request without a token is not an attempt.
    server.get(AUDIT).await.refused(401, "UNAUTHORIZED");
    let failed = eventually_seen("a failed log-in", async || {
        let failed = list(&server, "action=login.failed").await;
        (!failed.is_empty()).then_some(failed)
    })
    .await;
    let [failed] = &failed[..] else { panic!("{failed:?}") };
    assert_eq!(failed["actor"], json!({"kind": "UNKNOWN", "id": null}));
    assert_eq!(failed["values"], json!({"address": "127.0.0.1"}));
}

async fn actions_that_change_nothing_are_not_recorded(store: Store) {
    let server = Server::with_staff(store).await;
    let known = json!({"id": "staff-456", "name": "S", "email": "s@desk.example", "role": "AGENT"});
    server.staff_post("/api/internal/staff", &known).await.refused(409, "CONFLICT");
    server.staff_post("/api/internal/staff/staff-123/deactivate", &json!({})).await;
    let same = json!({"role": "AGENT"});
    let path = "/api/internal/staff/staff-456";
    Response::to(server.staff_request(Method::PATCH, path).json(&same)).await.ok();
    let nothing = "/api/internal/staff/staff-456/tokens/tok_00000000000000000000000000";
    let response = Response::to(server.staff_request(Method::DELETE, nothing)).await;
    response.refused(404, "TOKEN_NOT_FOUND");
    let unknown = "/api/internal/support/case/CW-2020-999/access/rotate";
    server.staff_post(unknown, &json!({})).await.refused(404, "CASE_NOT_FOUND");
    assert!(acts(&server).await.is_empty());
}

async fn the_log_is_paged_and_only_readable_by_administrators(store: Store) {
    let server = Server::with_staff(store).await;
    let sam = server.workspace().token("staff-456");
    let request = server.request(Method::GET, AUDIT).bearer_auth(&sam);
    Response::to(request).await.refused(403, "FORBIDDEN");
    let whole = server.staff_get(AUDIT).await.ok();
    assert_eq!(keys(&whole), ["entries", "pagination", "success"]);
    let entries = whole["entries"].as_array().unwrap();
    assert!(entries.len() >= 4, "{entries:?}");
    let mut parts = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{AUDIT}?limit=1{cursor}");
        let part = server.staff_get(&path).await.ok();
        parts.extend(part["entries"].as_array().unwrap().iter().cloned());
        let Some(next) = part["pagination"]["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(&parts, entries);
    for query in [
        "cursor=x",
        "limit=0",
        "limit=101",
        "from=yesterday",
        "to=1",
        "action=tokens.created",
        "action=toke.",
        "actor=a%00b",
        "subject=a%00b",
        "credential=%0d%0a",
        "actr=ann",
    ] {
        let field = query.split('=').next().unwrap();
        let response = server.staff_get(&format!("{AUDIT}?{query}")).await;
        assert_eq!(response.invalid_fields(), [field], "{query}");
    }
}

async fn the_log_is_verified_and_exported_while_the_server_runs(store: Store) {
    let server = Server::with_staff(store).await;
    let workspace = server.workspace();
    let added = json!({"name": "Bo", "email": "bo@desk.example", "role": "AGENT"});
    server.staff_post("/api/internal/staff", &added).await.ok();
    // Reading the log adds all entries to the chain.
    let last = list(&server, "").await.remove(0);
    let head = format!("{}:{}", last["position"], text(&last["hash"]));
    let said = workspace.run(&["audit", "verify", "--head", &head]).ok();
    assert!(said.contains("entries are intact"), "{said}");
    let other = format!("{}:{}", last["position"], "0".repeat(64));
    let beyond = format!("{}:{}", 1_000_000, "0".repeat(64));
    for head in [other, beyond] {
        workspace.run(&["audit", "verify", "--head", &head]).refusal();
    }
    let refused = workspace.run(&["audit", "verify", "--head", "nonsense"]);
    assert_eq!(refused.code, Some(64), "{refused:?}");
    let exported = workspace.run(&["audit", "export"]).ok();
    let lines: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["base"], format!("0:{}", "0".repeat(64)));
    let positions: Vec<_> =
        lines[1..lines.len() - 1].iter().map(|one| one["position"].clone()).collect();
    let expected: Vec<_> = (1..=positions.len()).map(|index| json!(index)).collect();
    assert_eq!(positions, expected);
    assert_eq!(lines[lines.len() - 2]["action"], "audit.exported");
    let end = text(&lines[lines.len() - 1]["head"]);
    workspace.run(&["audit", "verify", "--head", end]).ok();
    // The server also logs the end of the chain.
    eventually_seen("the head in the log", async || {
        server.log().iter().any(|line| line.contains("audit log")).then_some(())
    })
    .await;
}

/// Lets the owner of the tables change them.
fn without_triggers(store: Store) -> &'static str {
    match store {
        Store::Sqlite => {
            "DROP TRIGGER audit_entries_are_not_changed; DROP TRIGGER audit_values_are_only_erased; \
            DROP TRIGGER audit_entries_are_cut_at_the_beginning"
        }
        Store::Postgres => {
            "ALTER TABLE audit_entries DISABLE TRIGGER USER; \
            ALTER TABLE audit_values DISABLE TRIGGER USER"
        }
    }
}

async fn changes_of_the_tables_are_detected(store: Store) {
    let server = Server::with_staff(store).await;
    let workspace = server.workspace();
    for name in ["Bo", "Cy", "Di"] {
        let email = format!("{name}@desk.example");
        let added = json!({"name": name, "email": email, "role": "AGENT"});
        server.staff_post("/api/internal/staff", &added).await.ok();
    }
    // Reading the log adds all entries to the chain.
    let last = list(&server, "").await.remove(0);
    let end = last["position"].as_u64().unwrap();
    let head = format!("{end}:{}", text(&last["hash"]));
    let verify = || workspace.run(&["audit", "verify", "--head", &head]);
    verify().ok();
    store.execute(workspace, without_triggers(store)).await;
    let (at, before) = (end - 1, end - 2);
    let of = |position: u64| format!("(SELECT id FROM audit_entries WHERE position = {position})");
    let swap = |one: u64, other: u64| {
        format!(
            "UPDATE audit_entries SET position = 1000000 WHERE position = {one}; \
            UPDATE audit_entries SET position = {one} WHERE position = {other}; \
            UPDATE audit_entries SET position = {other} WHERE position = 1000000"
        )
    };
    let details = |from: &str, to: &str| {
        let id = of(at);
        format!(
            "UPDATE audit_values SET details = replace(details, '{from}', '{to}') WHERE entry_id = {id}"
        )
    };
    let actor = |from: &str, to: &str| {
        format!(
            "UPDATE audit_entries SET actor_id = '{to}' WHERE position = {at} AND actor_id = '{from}'"
        )
    };
    for (changed, undone, told) in [
        (actor("staff-123", "eve"), actor("eve", "staff-123"), format!("entry {at} was changed")),
        (
            details("Cy", "Ed"),
            details("Ed", "Cy"),
            format!("the values of entry {at} were changed"),
        ),
        (swap(before, at), swap(before, at), format!("entry {before} was changed")),
    ] {
        store.execute(workspace, &changed).await;
        let refusal = verify().refusal();
        assert!(refusal.contains(&told), "{refusal}");
        store.execute(workspace, &undone).await;
        verify().ok();
    }
    store
        .execute(workspace, &format!("DELETE FROM audit_values WHERE entry_id = {}", of(at)))
        .await;
    let said = verify().ok();
    assert!(said.contains("the values of 1 of them were erased"), "{said}");
    store.execute(workspace, &format!("DELETE FROM audit_entries WHERE position = {at}")).await;
    let refusal = verify().refusal();
    assert!(refusal.contains(&format!("entry {at} is missing")), "{refusal}");
    // Without its tail the log still looks complete, unless its end is known from elsewhere.
    store.execute(workspace, &format!("DELETE FROM audit_entries WHERE position > {at}")).await;
    workspace.run(&["audit", "verify"]).ok();
    let refusal = verify().refusal();
    assert!(refusal.contains(&format!("the log ends at entry {before}")), "{refusal}");
}

async fn the_history_of_a_case_shows_administrators_the_origin(store: Store) {
    let server = Server::with_staff(store).await;
    let opening =
        server.request(Method::POST, "/api/support/case").header("x-request-id", "open-1");
    let opened = Response::to(opening.json(&case_with("urgency", "LOW"))).await.ok();
    let number = text(&opened["caseNumber"]);
    server.update(number, &json!({"message": "Seen."})).await.ok();
    let history = format!("/api/internal/support/case/{number}/history");
    let me = server.staff_get("/api/internal/me").await.ok();
    let events = server.staff_get(&history).await.ok()["events"].clone();
    let expected = json!({"credential": null, "address": "127.0.0.1", "requestId": "open-1"});
    assert_eq!(events[0]["origin"], expected);
    assert_eq!(events[1]["origin"]["credential"], me["authentication"]["tokenId"]);
    let sam = server.workspace().token("staff-456");
    let as_agent = server.request(Method::GET, &history).bearer_auth(&sam);
    assert!(!Response::to(as_agent).await.ok().to_string().contains("127.0.0.1"));
    let erase = format!("/api/internal/support/case/{number}/erase");
    server.staff_post(&erase, &json!({})).await.ok();
    let events = server.staff_get(&history).await.ok()["events"].clone();
    let addresses: Vec<_> = (0..2).map(|index| &events[index]["origin"]["address"]).collect();
    assert_eq!(addresses, [&Value::Null, &Value::Null]);
    assert_eq!(events[0]["origin"]["requestId"], "open-1");
}
