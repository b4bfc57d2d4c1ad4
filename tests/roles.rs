//! Permissions: every operation of the API's description, with every role, with every scope of a machine,
//! and without a token.

use std::collections::BTreeSet;

use jiff::ToSpan;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, eventually, now, on_both_stores};

on_both_stores! {
    every_internal_operation_needs_a_valid_token_and_the_right_role
}

const ROLES: [&str; 3] = ["AGENT", "SUPERVISOR", "ADMIN"];

/// Operations that require a higher role than `AGENT` for other members and their tokens, with the
/// required role.
const MORE_THAN_AGENT: &[(&str, &str)] = &[
    ("post /api/internal/notifications/{notificationId}/retry", "SUPERVISOR"),
    ("post /api/internal/notifications/retry", "SUPERVISOR"),
    ("get /api/internal/notifications/suppressions", "ADMIN"),
    ("delete /api/internal/notifications/suppressions", "ADMIN"),
    ("post /api/internal/support/case/{caseNumber}/redact", "SUPERVISOR"),
    ("patch /api/internal/support/tags/{tagId}", "SUPERVISOR"),
    ("post /api/internal/support/tags/merge", "SUPERVISOR"),
    ("post /api/internal/support/case/{caseNumber}/erase", "ADMIN"),
    ("post /api/internal/customers/erase", "ADMIN"),
    ("get /api/internal/customers/erasures/{erasureId}", "ADMIN"),
    ("post /api/internal/staff", "ADMIN"),
    ("get /api/internal/audit", "ADMIN"),
    ("get /api/internal/staff/{staffId}", "ADMIN"),
    ("patch /api/internal/staff/{staffId}", "ADMIN"),
    ("post /api/internal/staff/{staffId}/deactivate", "ADMIN"),
    ("get /api/internal/staff/{staffId}/tokens", "ADMIN"),
    ("post /api/internal/staff/{staffId}/tokens", "ADMIN"),
    ("delete /api/internal/staff/{staffId}/tokens", "ADMIN"),
    ("delete /api/internal/staff/{staffId}/tokens/{tokenId}", "ADMIN"),
    ("post /api/internal/staff/{staffId}/tokens/{tokenId}/rotate", "ADMIN"),
    ("get /api/internal/webhooks", "ADMIN"),
    ("post /api/internal/webhooks", "ADMIN"),
    ("get /api/internal/webhooks/{webhookId}", "ADMIN"),
    ("patch /api/internal/webhooks/{webhookId}", "ADMIN"),
    ("delete /api/internal/webhooks/{webhookId}", "ADMIN"),
    ("post /api/internal/webhooks/{webhookId}/rotate-secret", "ADMIN"),
    ("post /api/internal/webhooks/{webhookId}/test", "ADMIN"),
    ("post /api/internal/webhooks/{webhookId}/replay", "ADMIN"),
    ("delete /api/internal/contacts/{contactId}", "SUPERVISOR"),
    ("post /api/internal/contacts/merge", "SUPERVISOR"),
    ("post /api/internal/contacts/import", "SUPERVISOR"),
    ("post /api/internal/organizations", "SUPERVISOR"),
    ("patch /api/internal/organizations/{organizationId}", "SUPERVISOR"),
    ("delete /api/internal/organizations/{organizationId}", "SUPERVISOR"),
];

/// Scopes of machines.
const SCOPES: [&str; 7] = [
    "cases.open",
    "cases.read",
    "cases.reply",
    "customers.prove",
    "intake.email",
    "feed.read",
    "contacts.write",
];

/// Operations that are open to machines, with the scopes of which they need one. All others are closed
/// to machines.
const OPEN_TO_MACHINES: &[(&str, &[&str])] = &[
    ("post /api/internal/support/cases", &["cases.open"]),
    ("post /api/internal/support/attachments", &["cases.open", "cases.reply"]),
    ("post /api/internal/support/case/{caseNumber}/update", &["cases.reply"]),
    ("get /api/internal/support/cases", &["cases.read"]),
    ("get /api/internal/support/tags", &["cases.read"]),
    ("get /api/internal/support/cases/export", &["cases.read"]),
    ("get /api/internal/support/case/{caseNumber}", &["cases.read"]),
    ("get /api/internal/support/case/{caseNumber}/history", &["cases.read"]),
    ("get /api/internal/support/case/{caseNumber}/participants", &["cases.read"]),
    ("get /api/internal/contacts", &["contacts.write"]),
    ("post /api/internal/contacts", &["contacts.write"]),
    ("get /api/internal/contacts/{contactId}", &["contacts.write"]),
    ("patch /api/internal/contacts/{contactId}", &["contacts.write"]),
    ("get /api/internal/organizations", &["contacts.write"]),
    ("get /api/internal/organizations/{organizationId}", &["contacts.write"]),
    ("get /api/internal/support/attachments/{attachmentId}", &["cases.read"]),
    ("get /api/internal/support/events", &["feed.read"]),
    ("get /api/internal/me", &SCOPES),
];

/// An operation under `/api/internal` in the description.
struct Operation {
    name: String,
    method: Method,
    /// The path, with IDs that do not exist, so that nothing is changed.
    path: String,
    responses: BTreeSet<String>,
    /// Set if the description says that the operation can be refused.
    can_be_refused: bool,
    description: String,
    security: Value,
}

impl Operation {
    fn all_in(document: &Value) -> Vec<Self> {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if path.starts_with("/api/internal") {
                    operations.push(Self::new(path, method, operation, document));
                }
            }
        }
        operations
    }

    fn new(path: &str, method: &str, operation: &Value, document: &Value) -> Self {
        let mut real = path.to_owned();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "path" {
                let name = parameter["name"].as_str().unwrap();
                real = real.replace(&format!("{{{name}}}"), "nothing-has-it");
            }
        }
        assert!(!real.contains('{'), "a parameter of {path} is not described");
        Self {
            name: format!("{method} {path}"),
            method: method.to_uppercase().parse().unwrap(),
            path: real,
            can_be_refused: operation["responses"]["403"]["$ref"]
                .as_str()
                .and_then(|pointer| document.pointer(&pointer[1..]))
                .is_some_and(|refusal| refusal.to_string().contains("/ForbiddenError")),
            responses: operation["responses"].as_object().unwrap().keys().cloned().collect(),
            security: operation["security"].clone(),
            description: operation["description"].as_str().unwrap_or_default().to_owned(),
        }
    }

    fn needs(&self) -> &'static str {
        let found = MORE_THAN_AGENT.iter().find(|(name, _)| *name == self.name);
        found.map_or("AGENT", |(_, role)| role)
    }

    fn scopes(&self) -> &'static [&'static str] {
        let found = OPEN_TO_MACHINES.iter().find(|(name, _)| *name == self.name);
        found.map_or(&[], |(_, scopes)| scopes)
    }

    /// Returns how the description says which machines the operation is open to.
    fn words_about_machines(&self) -> String {
        match self.scopes() {
            [] => "Not for `SERVICE` members.".to_owned(),
            [scope] => format!("A `SERVICE` member needs the scope `{scope}`."),
            all if all.len() == SCOPES.len() => "A `SERVICE` member needs any scope.".to_owned(),
            some => {
                let some = some.join("`, `");
                format!("A `SERVICE` member needs one of the scopes `{some}`.")
            }
        }
    }

    async fn ask(&self, server: &Server, token: Option<&str>) -> Response {
        let request = server.request(self.method.clone(), &self.path);
        Response::to(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }
}

async fn every_internal_operation_needs_a_valid_token_and_the_right_role(store: Store) {
    let server = Server::with_staff(store).await;
    let document = server.get("/openapi.json").await.body;
    let operations = Operation::all_in(&document);
    let listed = MORE_THAN_AGENT.iter().map(|(name, _)| name);
    for name in listed.chain(OPEN_TO_MACHINES.iter().map(|(name, _)| name)) {
        assert!(operations.iter().any(|one| one.name == *name), "{name} is not described");
    }

    let mut tokens = Vec::new();
    for role in ROLES {
        let id = role.to_lowercase();
        let member =
            json!({"id": id, "name": role, "email": format!("{id}@desk.example"), "role": role});
        server.staff_post("/api/internal/staff", &member).await.ok();
        tokens.push((role, issue(&server, &id, &json!({})).await));
    }
    let machines = tokens_of_machines(&server).await;
    let void = void_tokens(&server).await;

    for operation in &operations {
        let Operation { name, responses, security, can_be_refused, .. } = operation;
        assert!(responses.contains("401"), "{name}");
        for token in void.iter().map(|token| Some(token.as_str())).chain([None]) {
            let response = operation.ask(&server, token).await;
            assert_eq!(response.header("www-authenticate"), Some("Bearer"), "{name} {token:?}");
            response.refused(401, "UNAUTHORIZED");
        }
        let needs = operation.needs();
        assert!(can_be_refused, "{name}");
        let words = operation.words_about_machines();
        assert!(operation.description.ends_with(&words), "{name}: {}", operation.description);
        // Members manage their own tokens whatever their role.
        let is_for_all = needs == "AGENT" || name.contains("/tokens");
        let roles = if is_for_all { json!([]) } else { json!([needs]) };
        assert_eq!(*security, json!([{"staffToken": roles}]), "{name}");
        for (role, token) in &tokens {
            let response = operation.ask(&server, Some(token)).await;
            if rank(role) < rank(needs) {
                let details = response.refused(403, "FORBIDDEN");
                assert_eq!(details, json!({"requiredRole": needs}), "{name} {role}");
            } else {
                assert!(![401, 403].contains(&response.status), "{name} {role}: {response:?}");
                assert!(response.status < 500, "{name} {role}: {response:?}");
            }
        }
        for (scope, token) in &machines {
            assert_open_to_its_scopes(&server, operation, *scope, token).await;
        }
    }
}

/// Checks that an operation is open to a machine with this scope only if it needs the scope.
async fn assert_open_to_its_scopes(
    server: &Server,
    operation: &Operation,
    scope: Option<&'static str>,
    token: &str,
) {
    let name = &operation.name;
    let response = operation.ask(server, Some(token)).await;
    if scope.is_some_and(|scope| operation.scopes().contains(&scope)) {
        assert!(![401, 403].contains(&response.status), "{name} {scope:?}: {response:?}");
        assert!(response.status < 500, "{name} {scope:?}: {response:?}");
    } else {
        let details = response.refused(403, "FORBIDDEN");
        let listed = details["requiredScopes"].as_array().unwrap().iter();
        let listed: BTreeSet<_> = listed.map(|scope| scope.as_str().unwrap()).collect();
        let needed: BTreeSet<_> = operation.scopes().iter().copied().collect();
        assert_eq!(listed, needed, "{name} {scope:?}");
    }
}

/// Returns tokens of machines, each with one scope, and one without any.
async fn tokens_of_machines(server: &Server) -> Vec<(Option<&'static str>, String)> {
    let mut tokens = Vec::new();
    for scope in SCOPES.into_iter().map(Some).chain([None]) {
        let id = scope.unwrap_or("powerless").replace('.', "-");
        let scopes: Vec<_> = scope.into_iter().collect();
        let machine = json!({"id": id, "name": id, "role": "SERVICE", "scopes": scopes});
        server.staff_post("/api/internal/staff", &machine).await.ok();
        tokens.push((scope, issue(server, &id, &json!({})).await));
    }
    tokens
}

fn rank(role: &str) -> usize {
    ROLES.iter().position(|one| *one == role).unwrap()
}

async fn issue(server: &Server, owner: &str, body: &Value) -> String {
    let path = format!("/api/internal/staff/{owner}/tokens");
    let issued = server.staff_post(&path, body).await.ok();
    issued["token"].as_str().unwrap().to_owned()
}

/// Returns tokens that are malformed, unknown, expired, revoked, or of a former member. All were
/// tokens of administrators.
async fn void_tokens(server: &Server) -> Vec<String> {
    let unknown = format!("eng_{}", "0".repeat(64));
    let mut tokens = vec!["nonsense".to_owned(), unknown, "a.b.c".to_owned()];

    let gone = json!({"id": "gone", "name": "Gone", "email": "gone@desk.example", "role": "ADMIN"});
    server.staff_post("/api/internal/staff", &gone).await.ok();
    tokens.push(issue(server, "gone", &json!({})).await);
    server.staff_post("/api/internal/staff/gone/deactivate", &json!({})).await.ok();

    let path = "/api/internal/staff/admin/tokens";
    let revoked = server.staff_post(path, &json!({})).await.ok();
    let id = revoked["id"].as_str().unwrap();
    Response::to(server.staff_request(Method::DELETE, &format!("{path}/{id}"))).await.ok();
    tokens.push(revoked["token"].as_str().unwrap().to_owned());

    let expires_at = now() + 5.seconds();
    let expired = issue(server, "admin", &json!({"expiresAt": expires_at.to_string()})).await;
    eventually("the token expires", || (now() > expires_at).then_some(())).await;
    tokens.push(expired);
    tokens
}
