//! Every error that the API's description declares can happen.
//!
//! Most errors are declared by rule, so they are provoked by rule: for each error code, there is one
//! way to cause it on any operation that declares it. The store makes no difference to this, so the
//! test uses only one kind.

mod draft;
mod operation;
mod people;

use std::io::Write;
use std::thread;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde_json::{Value, json};

use crate::delivery::{AUTH_TOKEN, signature};
use crate::support::{Form, Response, Server, Store, a_case, raw};
use draft::Draft;
use operation::{Operation, PARAMETERS, unknown};
use people::Scene;

/// Codes that no request provokes reliably, with the reason and the tests that return them.
const NOT_PROVOKED: &[(&str, &str)] = &[
    ("INTERNAL_ERROR", "is only returned if the program has a bug"),
    ("UNAVAILABLE", "requires a failing database: postgres.rs"),
    ("IDEMPOTENCY_IN_PROGRESS", "requires requests at the same moment: idempotency.rs"),
];

const PUBLIC_URL: &str = "https://desk.example";
const SMS_STATUS: &str = "/api/webhooks/sms/status";
const CUSTOMER: &str = "john@example.com";
/// More than any operation accepts.
const TOO_LARGE: usize = 100 * 1024 * 1024;
const METRICS_TOKEN: (&str, &str) = ("ENGAGE_METRICS__TOKEN", "0123456789abcdef");

/// Returns the parameter or field whose value does not exist.
fn looked_up(code: &str) -> Option<&'static str> {
    Some(match code {
        "CASE_NOT_FOUND" => "caseNumber",
        "STAFF_NOT_FOUND" => "staffId",
        "TOKEN_NOT_FOUND" => "tokenId",
        "UPDATE_NOT_FOUND" => "updateId",
        "ATTACHMENT_NOT_FOUND" => "attachmentId",
        "NOTIFICATION_NOT_FOUND" => "notificationId",
        "WEBHOOK_NOT_FOUND" => "webhookId",
        "PARTICIPANT_NOT_FOUND" => "participantId",
        "CONTACT_NOT_FOUND" => "contactId",
        "ORGANIZATION_NOT_FOUND" => "organizationId",
        "ERASURE_NOT_FOUND" => "erasureId",
        "TAG_NOT_FOUND" => "tagId",
        _ => return None,
    })
}

struct World {
    server: Server,
    /// A server whose rate limits permit one request each.
    limited: Server,
    /// A server without space for files, without an SMS provider, whose metrics and description are
    /// not public.
    closed: Server,
    /// Token of a member whose role is `AGENT`.
    agent: String,
    /// Token of a machine without scopes.
    machine: String,
    /// A second token of the administrator.
    other_token_id: String,
    /// A notification that is neither dead nor cancelled.
    notification: String,
    webhooks: [String; 2],
    contact: String,
    organization: String,
    tag: String,
}

impl World {
    async fn new() -> Self {
        let server = Server::with_staff_and(
            Store::Sqlite,
            &[
                METRICS_TOKEN,
                ("ENGAGE_CUSTOMERS__ACCESS", "email"),
                ("ENGAGE_SERVER__PUBLIC_URL", PUBLIC_URL),
                ("ENGAGE_SMS__ACCOUNT_SID", "AC00000000000000000000000000000001"),
                ("ENGAGE_SMS__AUTH_TOKEN", AUTH_TOKEN),
                ("ENGAGE_SMS__FROM", "+15550100001"),
                // No server listens there, nor at the endpoints of the webhooks.
                ("ENGAGE_SMS__URL", "http://127.0.0.1:1"),
                ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
            ],
        );
        let limited = Server::with_staff_and(
            Store::Sqlite,
            &[
                METRICS_TOKEN,
                ("ENGAGE_RATE_LIMIT__ENABLED", "true"),
                ("ENGAGE_RATE_LIMIT__CREATIONS", "1"),
                ("ENGAGE_RATE_LIMIT__CUSTOMER_CALLS", "1"),
                ("ENGAGE_RATE_LIMIT__STAFF_CALLS", "1"),
                ("ENGAGE_RATE_LIMIT__FAILED_TOKENS", "1"),
            ],
        );
        let closed = Server::with_staff_and(
            Store::Sqlite,
            &[
                ("ENGAGE_SERVER__BIND", "0.0.0.0:0"),
                ("ENGAGE_SERVER__DOCUMENTATION", "false"),
                ("ENGAGE_LIMITS__FREE_SPACE", "1000000TiB"),
            ],
        );
        let (server, limited, closed) = (server.await, limited.await, closed.await);
        let agent = server.workspace().token("staff-456");
        server.workspace().token("staff-123");
        let gateway = json!({"id": "gateway", "name": "Gateway", "role": "SERVICE"});
        server.staff_post("/api/internal/staff", &gateway).await.ok();
        let machine = server.workspace().token("gateway");
        let tokens = server.staff_get("/api/internal/staff/staff-123/tokens").await.ok();
        let other_token_id = text(&tokens["tokens"][1]["id"]);
        let number = server.open(&a_case()).await;
        let notification = text(&server.details(&number).await["notifications"][0]["id"]);
        let mut webhooks = [String::new(), String::new()];
        for (index, id) in webhooks.iter_mut().enumerate() {
            let endpoint = json!({"url": format!("https://127.0.0.1:1/{index}")});
            let created = server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
            *id = text(&created["webhook"]["id"]);
        }
        let contact = add(&server, "contact", &json!({"name": "N"})).await;
        let taken = json!({"name": "N", "emails": ["taken@customer.example"]});
        add(&server, "contact", &taken).await;
        let organization = json!({"name": "N", "customerType": "FREE"});
        let organization = add(&server, "organization", &organization).await;
        let taken = json!({"name": "N", "customerType": "FREE", "domains": ["taken.example"]});
        add(&server, "organization", &taken).await;
        server.update(&number, &json!({"addTags": ["free", "taken"]})).await.ok();
        let tags = server.staff_get("/api/internal/support/tags").await.ok();
        let tag = text(&tags["tags"][0]["id"]);
        Self {
            server,
            limited,
            closed,
            agent,
            machine,
            other_token_id,
            notification,
            webhooks,
            contact,
            organization,
            tag,
        }
    }

    /// Returns the value of a path parameter.
    fn known<'a>(&'a self, name: &str, number: &'a str) -> &'a str {
        match name {
            "caseNumber" => number,
            "staffId" => "staff-456",
            "notificationId" => &self.notification,
            "webhookId" => &self.webhooks[0],
            "contactId" => &self.contact,
            "organizationId" => &self.organization,
            "tagId" => &self.tag,
            other => unknown(other),
        }
    }

    /// Builds a request for an operation on a case.
    fn draft(&self, operation: &Operation, number: &str) -> Draft {
        let path = PARAMETERS.iter().fold(operation.template.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), self.known(name, number))
        });
        assert!(!path.contains('{'), "{path}");
        let token = operation.is_internal().then(|| self.server.token().to_owned());
        let (method, body) = (operation.method.clone(), operation.body(number));
        let mut draft = Draft { method, path, body, token };
        match (operation.method.as_str(), operation.template.rsplit('/').next()) {
            ("DELETE", Some("tokens")) => draft.add_parameter("madeBy=staff-123"),
            ("DELETE", Some("suppressions")) => draft.add_parameter("address=n%40example.com"),
            _ => {}
        }
        draft
    }

    /// Sends a request to an operation that returns the error with this code.
    #[allow(clippy::too_many_lines)] // A match with one arm for each code.
    async fn provoke(&self, operation: &Operation, code: &str) -> Response {
        let server = &self.server;
        let scene = Scene::set(server, operation, code).await;
        let number = scene.number().to_owned();
        let mut draft = scene.complete(operation, self.draft(operation, &number), code);
        if let Some(name) = looked_up(code) {
            return self.provoke_not_found(operation, draft, name, &number).await;
        }
        match code {
            "VALIDATION_ERROR" if operation.template == SMS_STATUS => {
                let path = format!("{SMS_STATUS}?notification={}", self.notification);
                let form = [("MessageSid", "SM1")];
                let signature = signature(&format!("{PUBLIC_URL}{path}"), &form);
                let request = server.request(Method::POST, &path).body("MessageSid=SM1");
                Response::to(request.header("X-Twilio-Signature", signature)).await
            }
            "VALIDATION_ERROR" => {
                draft.add_parameter("colour=1");
                let request = draft.send_to(server);
                let is_form = operation.has_form && !operation.has_json;
                Response::to(if is_form {
                    Form::default().of(request)
                } else if operation.has_csv {
                    request.header(CONTENT_TYPE, "text/csv").body("email\n")
                } else {
                    request
                })
                .await
            }
            "MALFORMED_JSON" => {
                let request = draft.without_body(server).header(CONTENT_TYPE, "application/json");
                Response::to(request.body("{bad")).await
            }
            "MALFORMED_FORM" => {
                let request = draft.without_body(server).header(CONTENT_TYPE, Form::content_type());
                Response::to(request.body("bad")).await
            }
            "UNSUPPORTED_MEDIA_TYPE" => {
                let request = draft.without_body(server).header(CONTENT_TYPE, "text/plain");
                Response::to(request.body("{}")).await
            }
            "UNAUTHORIZED" => {
                draft.token = None;
                Response::to(draft.send_to(server)).await
            }
            "PROOF_REQUIRED" => {
                let field = if operation.takes_token() { "accessToken" } else { "email" };
                draft.body[field] = Value::Null;
                Response::to(draft.send_to(server)).await
            }
            "FORBIDDEN" => {
                draft.token = Some(self.machine.clone());
                Response::to(draft.send_to(server)).await
            }
            "ON_BEHALF_REFUSED" => {
                draft.body["onBehalfOf"] = json!("staff-456");
                Response::to(draft.send_to(server)).await
            }
            "ROLE_FIXED" => {
                draft.body = json!({"role": "SERVICE"});
                Response::to(draft.send_to(server)).await
            }
            "TOKEN_NOT_ROTATABLE" => {
                let own = draft.path.replace("staff-456", "staff-123");
                draft.path = own.replace(unknown("tokenId"), &self.other_token_id);
                Response::to(draft.send_to(server)).await
            }
            "ORIGIN_NOT_ALLOWED" => {
                let request = draft.send_to(server).header(ORIGIN, "https://evil.example");
                Response::to(request).await
            }
            "NOT_FOUND" => Response::to(draft.send_to(&self.closed)).await,
            "INVALID_TRANSITION" => {
                server.update(&number, &json!({"statusChange": "CANCELLED"})).await.ok();
                Response::to(draft.send_to(server)).await
            }
            "CONFLICT" => {
                draft.body = if operation.template.contains("webhooks") {
                    json!({"url": "https://127.0.0.1:1/1"})
                } else if operation.template.contains("contacts") {
                    json!({"name": "N", "emails": ["taken@customer.example"]})
                } else if operation.template.contains("organizations") {
                    json!({"name": "N", "customerType": "FREE", "domains": ["taken.example"]})
                } else if operation.template.contains("tags") {
                    json!({"name": "TAKEN"})
                } else {
                    json!({"name": "N", "email": "jane@staff.example", "role": "AGENT"})
                };
                Response::to(draft.send_to(server)).await
            }
            "LIMIT_REACHED" if operation.template.ends_with("/update") => {
                let full: Vec<_> = (0..20).map(|number| format!("t{number}")).collect();
                server.update(&number, &json!({"addTags": full})).await.ok();
                draft.body = json!({"addTags": ["more"]});
                Response::to(draft.send_to(server)).await
            }
            "LAST_ADMIN" => {
                draft.path = draft.path.replace("staff-456", "staff-123");
                if operation.has_json {
                    draft.body = json!({"role": "AGENT"});
                }
                Response::to(draft.send_to(server)).await
            }
            "TOO_MANY_TOKENS" => {
                draft.token = Some(self.agent.clone());
                loop {
                    let response = Response::to(draft.send_to(server)).await;
                    if response.status != 200 {
                        return response;
                    }
                }
            }
            "CURSOR_EXPIRED" => {
                draft.add_parameter("cursor=999999");
                Response::to(draft.send_to(server)).await
            }
            "PRECONDITION_FAILED" => {
                Response::to(draft.send_to(server).header("If-Match", "\"99\"")).await
            }
            "IDEMPOTENCY_KEY_REUSED" => self.provoke_reused_key(operation, draft).await,
            "STORAGE_FULL" => self.provoke_full_storage(operation).await,
            "RATE_LIMITED" => {
                draft.token = match &*operation.template {
                    "/metrics" => Some("wrong".to_owned()),
                    _ => operation.is_internal().then(|| self.limited.token().to_owned()),
                };
                Response::to(draft.send_to(&self.limited)).await;
                Response::to(draft.send_to(&self.limited)).await
            }
            // Valid requests that fail in this world.
            "ACCESS_CODE_INVALID"
            | "CUSTOMER_ONLY"
            | "PARTICIPANT_ONLY"
            | "LIMIT_REACHED"
            | "SIGNATURE_INVALID"
            | "SUPPRESSION_NOT_FOUND"
            | "NOTIFICATION_NOT_DEAD"
            | "WEBHOOK_TEST_FAILED" => Response::to(draft.send_to(server)).await,
            _ => panic!("{operation} declares {code}, which no rule provokes"),
        }
    }

    async fn provoke_not_found(
        &self,
        operation: &Operation,
        mut draft: Draft,
        name: &'static str,
        number: &str,
    ) -> Response {
        if operation.template.contains(&format!("{{{name}}}")) {
            let known = self.known(name, number);
            // A malformed id, since revoking a token of an unknown member reports the token.
            let missing = if name == "staffId" { "Nobody" } else { unknown(name) };
            draft.path = draft.path.replace(known, missing);
        } else if operation.template.ends_with("/rotate") {
            draft.add_parameter(&format!("personId={}", unknown(name)));
        } else if operation.template.ends_with("/customers/erase") {
            draft.body = json!({ name: unknown(name) });
        } else if name == "contactId" || name == "tagId" {
            // Both contacts, or tags, of the draft are unknown.
        } else if name == "notificationId" || operation.template.ends_with("/redact") {
            draft.body = json!({ name: unknown(name) });
        } else if name == "attachmentId" && operation.is_internal() {
            draft.body["attachments"] = json!([{"id": unknown(name)}]);
        } else {
            let is_opening = operation.template.ends_with("/cases");
            let field = if is_opening { "assignedTo" } else { name };
            draft.body[field] = unknown(name).into();
        }
        Response::to(draft.send_to(&self.server)).await
    }

    /// Sends two different requests with the same key.
    async fn provoke_reused_key(&self, operation: &Operation, mut draft: Draft) -> Response {
        let key = operation.to_string().replace(' ', "-");
        let first = draft.send_to(&self.server).header("Idempotency-Key", &key);
        Response::to(first).await.ok();
        if operation.template.ends_with("/customers/erase") {
            draft.body = json!({"email": "somebody@customer.example"});
        } else if operation.is_internal() && operation.template.contains('{') {
            let other = self.server.open(&a_case()).await;
            draft = self.draft(operation, &other);
        } else {
            let field = if draft.body["reason"].is_null() { "message" } else { "reason" };
            let (field, value) = match draft.body["caseNumber"].as_str() {
                // Another spelling of the same number.
                Some(number) if operation.takes_token() => ("caseNumber", number.to_lowercase()),
                _ => (field, "different".to_owned()),
            };
            draft.body[field] = value.into();
        }
        Response::to(draft.send_to(&self.server).header("Idempotency-Key", &key)).await
    }

    async fn provoke_full_storage(&self, operation: &Operation) -> Response {
        let number = self.closed.open(&a_case()).await;
        let mut draft = self.draft(operation, &number);
        draft.token = operation.is_internal().then(|| self.closed.token().to_owned());
        if operation.has_json {
            draft.body["attachments"] = json!([{"filename": "a", "content": "YQ=="}]);
            return Response::to(draft.send_to(&self.closed)).await;
        }
        let form = Form::default().file("a", "text/plain", b"a");
        Response::to(form.of(draft.send_to(&self.closed))).await
    }

    /// Sends the head of a request, and the whole body or nothing of it.
    fn send_raw(&self, operation: &Operation, length: usize) -> thread::JoinHandle<raw::Reply> {
        let draft = self.draft(operation, "CW-2020-999");
        let head = draft.head(operation, length);
        // The size of a report is not checked in advance.
        let body = if length == TOO_LARGE && operation.template == SMS_STATUS {
            "x".repeat(1024 * 1024)
        } else {
            String::new()
        };
        let address = self.server.address();
        thread::spawn(move || {
            let mut stream = raw::connect(address);
            // A server that rejects the request early may close before everything is sent.
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
            raw::read_to_end(&mut stream, Duration::from_secs(25))
        })
    }

    /// Announces bodies that are too large, or that never arrive.
    fn provoke_by_body(&self, operations: &[Operation], code: &str, status: u16, length: usize) {
        let declares = |one: &&Operation| one.errors.iter().any(|(_, declared)| declared == code);
        let sent: Vec<_> = operations
            .iter()
            .filter(declares)
            .map(|one| (one.to_string(), self.send_raw(one, length)))
            .collect();
        assert!(sent.len() > 40, "{code}: {}", sent.len());
        for (name, reply) in sent {
            let reply = reply.join().unwrap();
            assert_eq!(reply.status(), Some(status), "{name}: {reply:?}");
            assert!(reply.text.contains(&format!("\"code\":\"{code}\"")), "{name}: {reply:?}");
        }
    }
}

/// Adds a contact or an organization, and returns its id.
async fn add(server: &Server, kind: &str, body: &Value) -> String {
    let added = server.staff_post(&format!("/api/internal/{kind}s"), body).await.ok();
    text(&added[kind]["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_declared_error_can_be_provoked() {
    let world = World::new().await;
    let document = world.server.get("/openapi.json").await.body;
    let operations = Operation::all_in(&document);
    let by_body = ["PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT"];
    let mut provoked = 0;
    for operation in &operations {
        for (status, code) in &operation.errors {
            let is_exempt = NOT_PROVOKED.iter().any(|(exempt, _)| exempt == code);
            if is_exempt || by_body.contains(&code.as_str()) {
                continue;
            }
            let response = world.provoke(operation, code).await;
            let is_provoked = (response.status, &response.body["code"]) == (*status, &json!(code));
            assert!(is_provoked, "{operation} {status} {code}: {response:?}");
            provoked += 1;
        }
    }
    assert!(provoked > 250, "{provoked}");
    world.provoke_by_body(&operations, "PAYLOAD_TOO_LARGE", 413, TOO_LARGE);
    world.provoke_by_body(&operations, "REQUEST_TIMEOUT", 408, 10);
}
