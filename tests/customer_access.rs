//! Proofs with which customers show that a case is theirs.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::attachments::{keeps_soon, kept};
use crate::support::{Form, Response, Server, Store, Workspace, a_case, case_with, on_both_stores};

on_both_stores! {
    the_creator_of_a_case_gets_a_token_for_it
    each_mode_requires_the_proof_in_its_name
    every_customer_endpoint_requires_proof
    every_customer_endpoint_is_described_as_requiring_proof
    a_form_without_proof_leaves_no_file
    wrong_proof_and_an_unknown_case_get_the_same_response
    a_token_is_also_accepted_as_a_bearer_token
    staff_revoke_the_tokens_of_a_case
    a_replayed_response_still_requires_proof
}

/// Starts a server that requires proof from customers.
async fn asking(store: Store, mode: &str) -> Server {
    Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", mode)]).await
}

/// Opens a case, and returns its number and its token.
async fn open(server: &Server, case: &Value) -> (String, String) {
    let response = server.post("/api/support/case", case).await.ok();
    let text = |field: &str| response[field].as_str().unwrap().to_owned();
    (text("caseNumber"), text("accessToken"))
}

async fn status(server: &Server, body: &Value) -> Response {
    server.post("/api/support/case/status", body).await
}

async fn the_creator_of_a_case_gets_a_token_for_it(store: Store) {
    let server = Server::start(store).await;
    let one = server.post("/api/support/case", &a_case()).await.ok();
    let other = server.post("/api/support/case", &a_case()).await.ok();
    let token = one["accessToken"].as_str().unwrap();
    assert!(token.starts_with("cat_") && token.len() == 58, "{token}");
    assert_ne!(one["accessToken"], other["accessToken"]);
    let log = server.log().join("\n");
    assert!(!log.contains(&token[4..]), "{log}");
}

async fn each_mode_requires_the_proof_in_its_name(store: Store) {
    for (mode, accepts, suffices) in [
        ("case-number", json!([]), ["nothing", "email", "token"].as_slice()),
        ("email", json!(["email", "accessToken"]), &["email", "token"]),
        ("token", json!(["accessToken"]), &["token"]),
    ] {
        let server = asking(store, mode).await;
        let (number, token) = open(&server, &a_case()).await;
        for (shown, body) in [
            ("nothing", json!({"caseNumber": number})),
            ("email", json!({"caseNumber": number, "email": "John@EXAMPLE.com"})),
            ("token", json!({"caseNumber": number, "accessToken": token})),
        ] {
            let response = status(&server, &body).await;
            if suffices.contains(&shown) {
                assert_eq!(response.ok()["case"]["caseNumber"], number.as_str(), "{mode}, {shown}");
            } else {
                assert_eq!(response.header("www-authenticate"), Some("Bearer"));
                let details = response.refused(401, "PROOF_REQUIRED");
                assert_eq!(details, json!({"accepts": accepts}), "{mode}, {shown}");
            }
        }
    }
}

/// The calls of customers, in an order in which each one is still possible.
const CALLS: [&str; 5] = ["status", "reply", "attachment", "escalate", "cancel"];

/// Opens a case with a file. Returns its number, its token, and the fields of all calls except the
/// proof.
async fn open_with_file(server: &Server) -> (String, String, Value) {
    let files = json!([{"filename": "a.txt", "content": "YQ"}]);
    let (number, token) = open(server, &case_with("attachments", files)).await;
    let file = server.details(&number).await["attachments"][0]["id"].clone();
    let body = json!({"caseNumber": number, "reason": "r", "message": "m", "attachmentId": file});
    (number, token, body)
}

/// Returns the fields that a call needs.
fn needed(call: &str, body: &Value) -> Value {
    let more = match call {
        "escalate" | "cancel" => "reason",
        "reply" => "message",
        "attachment" => "attachmentId",
        _ => "caseNumber",
    };
    json!({"caseNumber": body["caseNumber"], more: body[more]})
}

/// Returns the body with a proof.
fn showing(body: &Value, proof: &Value) -> Value {
    let mut body = body.clone();
    let shown = proof.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(shown);
    body
}

async fn every_customer_endpoint_requires_proof(store: Store) {
    for (mode, asks) in [("case-number", false), ("email", true), ("token", true)] {
        let server = asking(store, mode).await;
        let (number, token, body) = open_with_file(&server).await;
        for name in CALLS {
            let path = format!("/api/support/case/{name}");
            let body = needed(name, &body);
            if asks {
                server.post(&path, &body).await.refused(401, "PROOF_REQUIRED");
            }
            for wrong in [json!({"accessToken": "cat_wrong"}), json!({"email": "x@example.com"})] {
                let response = server.post(&path, &showing(&body, &wrong)).await;
                // If the token is required, an address proves nothing.
                if mode == "token" && wrong["email"].is_string() {
                    assert!([401, 404].contains(&response.status), "{response:?}");
                    response.assert_is_error();
                } else {
                    response.refused(404, "CASE_NOT_FOUND");
                }
            }
        }
        let case = server.details(&number).await;
        assert_eq!((&case["case"]["version"], &case["updates"][1]), (&json!(1), &Value::Null));
        let right = match mode {
            "email" => json!({"email": "john@example.com"}),
            "token" => json!({"accessToken": token}),
            _ => json!({}),
        };
        for name in CALLS {
            let path = format!("/api/support/case/{name}");
            let response = server.post(&path, &showing(&needed(name, &body), &right)).await;
            assert_eq!(response.status, 200, "{mode} {name}: {response:?}");
        }
        // Staff need no proof.
        server.update(&number, &json!({"message": "m", "isInternal": true})).await.ok();
    }
}

async fn every_customer_endpoint_is_described_as_requiring_proof(store: Store) {
    let server = Server::start(store).await;
    let document = server.get("/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap().iter();
    let mut described = Vec::new();
    for (path, item) in paths {
        let Some(name) = path.strip_prefix("/api/support/case/") else { continue };
        // A customer who requests a code has no proof yet.
        if name.starts_with("access") {
            continue;
        }
        assert!(item["post"]["responses"]["401"].is_object(), "{path}");
        assert_eq!(item["post"]["security"], json!([{}, {"accessToken": []}]), "{path}");
        // Those about participants require a token: the table in participants/table.rs.
        if !name.starts_with("participants") {
            described.push(name);
        }
    }
    described.sort_unstable();
    let mut tried = CALLS;
    tried.sort_unstable();
    assert_eq!(described, tried, "every described call is tested");
}

async fn a_form_without_proof_leaves_no_file(store: Store) {
    for mode in ["email", "token"] {
        let server = asking(store, mode).await;
        let (number, token) = open(&server, &a_case()).await;
        let (right, wrong) = match mode {
            "email" => (("email", "john@example.com"), ("email", "jane@example.com")),
            _ => (("accessToken", token.as_str()), ("accessToken", "cat_wrong")),
        };
        let send = async |proof: Option<(&str, &str)>| {
            let form = Form::default().field("caseNumber", &number).field("message", "m");
            let form = proof.iter().fold(form, |form, (name, value)| form.field(name, value));
            let form = form.file("a.txt", "text/plain", &vec![1; 100_000]);
            let request = server.request(Method::POST, "/api/support/case/reply");
            Response::to(form.of(request)).await
        };
        send(None).await.refused(401, "PROOF_REQUIRED");
        send(Some(wrong)).await.refused(404, "CASE_NOT_FOUND");
        assert!(keeps_soon(&server, 0).await, "{mode}: {} are kept", kept(&server));
        assert_eq!(server.details(&number).await["case"]["version"], 1);
        send(Some(right)).await.ok();
        assert_eq!(kept(&server), 1);
    }
}

async fn wrong_proof_and_an_unknown_case_get_the_same_response(store: Store) {
    let server = asking(store, "email").await;
    let (number, token) = open(&server, &a_case()).await;
    let (_, other) = open(&server, &case_with("email", "jane@example.com")).await;
    let absent = number.replace("-001", "-999");
    for proof in [
        json!({"email": "jane@example.com"}),
        json!({"accessToken": other}),
        json!({"accessToken": "cat_wrong"}),
        json!({"accessToken": token, "email": "jane@example.com"}),
        json!({"accessToken": other, "email": "john@example.com"}),
    ] {
        let mut responses = Vec::new();
        for number in [&number, &absent] {
            let mut body = proof.clone();
            body["caseNumber"] = json!(number);
            let since = Instant::now();
            let response = status(&server, &body).await;
            // The response time does not reveal whether the case exists.
            assert!(since.elapsed() >= Duration::from_millis(100), "{:?}", since.elapsed());
            let told = response.body.to_string().replace(number.as_str(), "NUMBER");
            response.refused(404, "CASE_NOT_FOUND");
            responses.push(told);
        }
        assert_eq!(responses[0], responses[1], "{proof}");
    }
    let response = status(&server, &json!({"caseNumber": number, "email": "nobody"})).await;
    assert_eq!(response.invalid_fields(), ["email"]);
}

async fn a_token_is_also_accepted_as_a_bearer_token(store: Store) {
    let server = asking(store, "token").await;
    let (number, token) = open(&server, &a_case()).await;
    let with = async |bearer: &str| {
        let request = server.request(Method::POST, "/api/support/case/status");
        Response::to(request.bearer_auth(bearer).json(&json!({"caseNumber": number}))).await
    };
    with(&token).await.ok();
    with("cat_wrong").await.refused(404, "CASE_NOT_FOUND");
    with(server.token()).await.refused(404, "CASE_NOT_FOUND");
    with("").await.refused(401, "PROOF_REQUIRED");
}

async fn staff_revoke_the_tokens_of_a_case(store: Store) {
    let server = asking(store, "token").await;
    let (number, token) = open(&server, &a_case()).await;
    let (other, others) = open(&server, &a_case()).await;
    let path = format!("/api/internal/support/case/{number}/access/rotate");
    server.post(&path, &json!({})).await.refused(401, "UNAUTHORIZED");
    let shown = json!({"caseNumber": number, "accessToken": token});
    status(&server, &shown).await.ok();

    let response = server.staff_post(&path, &json!({})).await.ok();
    assert_eq!(response["caseNumber"], number.as_str());
    status(&server, &shown).await.refused(404, "CASE_NOT_FOUND");
    status(&server, &json!({"caseNumber": other, "accessToken": others})).await.ok();
    // The case itself is not changed.
    assert_eq!(server.details(&number).await["case"]["version"], 1);

    let absent = path.replace(&number, "CW-2025-999");
    server.staff_post(&absent, &json!({})).await.refused(404, "CASE_NOT_FOUND");
}

async fn a_replayed_response_still_requires_proof(store: Store) {
    for (name, field) in [("reply", "message"), ("escalate", "reason"), ("cancel", "reason")] {
        let server = asking(store, "token").await;
        let (number, token) = open(&server, &a_case()).await;
        let send = async |token: Option<&str>| {
            let mut body = json!({"caseNumber": number, field: "Please."});
            if let Some(token) = token {
                body["accessToken"] = json!(token);
            }
            let request = server.request(Method::POST, &format!("/api/support/case/{name}"));
            Response::to(request.header("idempotency-key", "k").json(&body)).await
        };
        send(Some(&token)).await.ok();
        let again = send(Some(&token)).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        again.ok();
        // The response does not even reveal that the key was used.
        send(None).await.refused(401, "PROOF_REQUIRED");
        send(Some("cat_wrong")).await.refused(404, "CASE_NOT_FOUND");
        let rotate = format!("/api/internal/support/case/{number}/access/rotate");
        server.staff_post(&rotate, &json!({})).await.ok();
        send(Some(&token)).await.refused(404, "CASE_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_reachable_server_warns_if_a_case_number_is_enough() {
    for (mode, bind, warns) in [
        ("case-number", "0.0.0.0:0", true),
        ("case-number", "127.0.0.1:0", false),
        ("email", "0.0.0.0:0", false),
        ("token", "0.0.0.0:0", false),
    ] {
        let workspace =
            Workspace::with(&[("ENGAGE_CUSTOMERS__ACCESS", mode), ("ENGAGE_SERVER__BIND", bind)]);
        let server = Server::start_in(&workspace, &[]).await;
        let log = server.log().join("\n");
        assert_eq!(log.contains("guesses a case number"), warns, "{mode}, {bind}: {log}");
    }
}

#[tokio::test]
async fn a_secret_is_generated_at_the_first_start_on_sqlite() {
    let workspace = Workspace::new();
    let path = workspace.folder().join("var/secret");
    drop(Server::start_in(&workspace, &[]).await);
    let secret = std::fs::read_to_string(&path).unwrap();
    assert!(secret.trim().len() >= 64, "{} characters", secret.len());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let server = Server::start_in(&workspace, &[]).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    assert!(!server.log().join("\n").contains(secret.trim()));
}

#[tokio::test]
async fn a_configured_secret_is_neither_stored_nor_shown() {
    let workspace = Workspace::new();
    workspace.set("ENGAGE_SERVER__SECRET", "ein Geheimnis, das niemand sonst kennt");
    let shown = workspace.run(&["check-config"]).ok();
    assert!(!shown.contains("geheim"), "{shown}");
    let server = Server::start_in(&workspace, &[]).await;
    assert!(!workspace.folder().join("var/secret").exists());
    assert!(!server.log().join("\n").contains("geheim"));
}

#[tokio::test]
async fn a_secret_file_without_a_secret_prevents_the_start() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("var")).unwrap();
    std::fs::write(workspace.folder().join("var/secret"), "").unwrap();
    let refusal = workspace.run(&["serve"]).refusal();
    assert!(refusal.contains("server.secret_file"), "{refusal}");
}
