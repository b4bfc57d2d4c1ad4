//! Misspelled, empty, repeated or broken input is refused by name on every operation and changes
//! nothing.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Form, Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    an_unknown_parameter_is_refused_by_name_on_every_operation
    an_empty_or_repeated_parameter_is_refused
    an_unknown_key_is_refused_by_name_on_every_operation
    an_unknown_field_of_a_form_is_refused_by_name
    a_repeated_field_or_one_after_the_files_is_refused
    a_malformed_body_is_refused_on_every_operation
    a_repeated_header_is_refused_by_name_on_every_operation
    all_errors_in_all_parts_of_a_request_are_reported_at_once
    pages_and_service_endpoints_accept_any_parameter
}

/// An operation of the description under test.
struct Operation<'a> {
    method: Method,
    path: String,
    parameters: Vec<&'a Value>,
    /// The schemas of its request bodies.
    json: Option<&'a Value>,
    form: Option<&'a Value>,
    /// Set if the operation takes no JSON, but a form or CSV.
    takes_no_json: bool,
}

fn document() -> Value {
    serde_json::to_value(engage_http::openapi_document()).unwrap()
}

/// Returns every operation for customers and staff, with values for the parameters in its path.
fn operations<'a>(document: &'a Value, number: &str) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/support/") && !path.starts_with("/api/internal/") {
            continue;
        }
        let path = path
            .replace("{caseNumber}", number)
            .replace("{staffId}", "staff-456")
            .replace("{tokenId}", "tok_01jjg00000e008000000000001")
            .replace("{attachmentId}", "att_01jjg00000e008000000000001")
            .replace("{notificationId}", "ntf_01jjg00000e008000000000001")
            .replace("{webhookId}", "whk_01jjg00000e008000000000001")
            .replace("{participantId}", "per_01jjg00000e008000000000001")
            .replace("{contactId}", "con_01jjg00000e008000000000001")
            .replace("{erasureId}", "era_01jjg00000e008000000000001")
            .replace("{tagId}", "tag_01jjg00000e008000000000001")
            .replace("{organizationId}", "org_01jjg00000e008000000000001");
        assert!(!path.contains('{'), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"];
            let schema = |kind: &str| {
                let reference = content[kind]["schema"]["$ref"].as_str()?;
                document.pointer(&reference[1..])
            };
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                parameters: parameters.filter(|one| one["in"] == "query").collect(),
                json: schema("application/json"),
                form: schema("multipart/form-data"),
                takes_no_json: content.is_object() && content["application/json"].is_null(),
            });
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

impl Operation<'_> {
    /// Starts a request of an administrator or a customer.
    fn request(&self, server: &Server, query: &str) -> RequestBuilder {
        let path = format!("{}{query}", self.path);
        if path.starts_with("/api/internal/") {
            server.staff_request(self.method.clone(), &path)
        } else {
            server.request(self.method.clone(), &path)
        }
    }

    /// Adds an empty body of the kind that the operation accepts.
    fn with_empty_body(&self, request: RequestBuilder) -> RequestBuilder {
        match (self.json, self.form) {
            (Some(_), _) => request.json(&json!({})),
            (None, Some(_)) => Form::default().of(request),
            (None, None) => request,
        }
    }

    async fn refused_for(&self, request: RequestBuilder) -> Vec<(String, String)> {
        let response = Response::to(request).await;
        let shown = format!("{} {}: {response:?}", self.method, self.path);
        assert_eq!(response.body["code"], "VALIDATION_ERROR", "{shown}");
        let fields = response.body["details"]["fields"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        fields.iter().map(|one| (text(&one["field"]), text(&one["message"]))).collect()
    }

    async fn assert_refused(&self, request: RequestBuilder, field: &str, message: &str) {
        let told = self.refused_for(request).await;
        let is_told = told.iter().any(|(name, what)| name == field && what == message);
        assert!(is_told, "{} {}: {field} {message}: {told:?}", self.method, self.path);
    }
}

/// Returns a name in another spelling.
fn misspelt(name: &str) -> String {
    let snake: String = name
        .chars()
        .flat_map(|letter| {
            let gap = letter.is_ascii_uppercase().then_some('_');
            gap.into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect();
    if snake == name { format!("{name}_x") } else { snake }
}

fn meant(name: &str) -> String {
    format!("is not known; did you mean {name}?")
}

/// Checks at the end of each test that nothing has changed.
async fn assert_unchanged(server: &Server, number: &str) {
    let list = server.staff_get("/api/internal/support/cases").await.ok();
    assert_eq!(list["pagination"]["total"], 1);
    assert_eq!(server.details(number).await["case"]["version"], 1);
    let staff = server.staff_get("/api/internal/staff").await.ok();
    assert_eq!(staff["pagination"]["total"], 2);
    assert_eq!(server.staff_get("/api/internal/webhooks").await.ok()["webhooks"], json!([]));
    let faults: Vec<_> = server.log().into_iter().filter(|line| line.contains(" ERROR ")).collect();
    assert_eq!(faults, [""; 0]);
}

async fn an_unknown_parameter_is_refused_by_name_on_every_operation(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    for operation in operations(&document, &number) {
        for query in ["?colour=blue", "?colour", "?%63olour=", "?colour=1&colour=2"] {
            let request = operation.with_empty_body(operation.request(&server, query));
            operation.assert_refused(request, "colour", "is not known").await;
        }
        for parameter in &operation.parameters {
            let name = parameter["name"].as_str().unwrap();
            let wrong = misspelt(name);
            let request = operation.request(&server, &format!("?{wrong}=x"));
            // A name as short as `q` gets no suggestion.
            let message = if name == "q" { "is not known".to_owned() } else { meant(name) };
            operation.assert_refused(request, &wrong, &message).await;
        }
    }
    assert_unchanged(&server, &number).await;
}

async fn an_empty_or_repeated_parameter_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    let mut seen = 0;
    for operation in operations(&document, &number) {
        for parameter in &operation.parameters {
            seen += 1;
            let name = parameter["name"].as_str().unwrap();
            for query in [format!("?{name}"), format!("?{name}="), format!("?{name}=%20")] {
                let request = operation.request(&server, &query);
                let empty = "must not be empty: give a value or omit it";
                operation.assert_refused(request, name, empty).await;
            }
        }
    }
    assert!(seen > 30, "{seen}");
    for (path, name, value) in [
        ("support/cases", "page", "1"),
        ("support/cases", "createdFrom", "2025-01-01T00:00:00Z"),
        ("support/cases/export", "format", "csv"),
        ("support/events", "cursor", "0"),
        ("notifications/status", "caseNumber", "CW-2025-001"),
        ("staff", "active", "true"),
    ] {
        let path = format!("/api/internal/{path}?{name}={value}&{name}={value}");
        assert_eq!(server.staff_get(&path).await.invalid_fields(), [name]);
    }
    for query in ["status=OPEN,,CLOSED", "status=,", "department=Billing&department="] {
        let path = format!("/api/internal/support/cases?{query}");
        let (name, _) = query.split_once('=').unwrap();
        assert_eq!(server.staff_get(&path).await.invalid_fields(), [name]);
    }
    assert_unchanged(&server, &number).await;
}

/// Returns the schemas of the objects within a property, if there are any.
fn objects_within<'a>(schema: &'a Value, document: &'a Value) -> Vec<&'a Value> {
    let referred = schema["$ref"].as_str().and_then(|one| document.pointer(&one[1..]));
    let schema = referred.unwrap_or(schema);
    let items = (!schema["items"].is_null()).then(|| &schema["items"]);
    let choices = ["oneOf", "anyOf", "allOf"].into_iter();
    let choices = choices.flat_map(|kind| schema[kind].as_array().into_iter().flatten());
    let within = choices.chain(items).flat_map(|one| objects_within(one, document));
    let itself = schema.get("properties").map(|_| schema);
    within.chain(itself).collect()
}

async fn an_unknown_key_is_refused_by_name_on_every_operation(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    let mut nested = 0;
    for operation in operations(&document, &number) {
        let request = || operation.request(&server, "");
        if operation.takes_no_json {
            continue;
        }
        operation
            .assert_refused(request().json(&json!({"colour": [{}]})), "colour", "is not known")
            .await;
        let properties = operation.json.and_then(|schema| schema["properties"].as_object());
        for (name, schema) in properties.into_iter().flatten() {
            let wrong = misspelt(name);
            let body = json!({ wrong.as_str(): null });
            operation.assert_refused(request().json(&body), &wrong, &meant(name)).await;
            for object in objects_within(schema, &document) {
                nested += 1;
                let keys = object["properties"].as_object().unwrap().keys();
                for key in keys {
                    let wrong = misspelt(key);
                    let body = json!({ name.as_str(): [{}, { wrong.as_str(): "x" }] });
                    let location = format!("{name}[1].{wrong}");
                    operation.assert_refused(request().json(&body), &location, &meant(key)).await;
                }
            }
        }
    }
    assert!(nested >= 3, "{nested}");
    assert_unchanged(&server, &number).await;
}

async fn an_unknown_field_of_a_form_is_refused_by_name(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    let mut seen = 0;
    for operation in operations(&document, &number) {
        let Some(schema) = operation.form else { continue };
        seen += 1;
        let form = Form::default().field("colour", "blue").file("a", "text/plain", b"text");
        let request = form.of(operation.request(&server, ""));
        operation.assert_refused(request, "colour", "is not known").await;
        for name in schema["properties"].as_object().unwrap().keys() {
            let wrong = misspelt(name);
            let request = Form::default().field(&wrong, "x").of(operation.request(&server, ""));
            operation.assert_refused(request, &wrong, &meant(name)).await;
        }
    }
    assert_eq!(seen, 3);
    assert_unchanged(&server, &number).await;
}

async fn a_repeated_field_or_one_after_the_files_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let path = "/api/support/case/reply";
    let send = |form: Form| Response::to(form.of(server.request(Method::POST, path)));
    let fields = || Form::default().field("caseNumber", &number).field("message", "m");
    let told = |response: Response| response.body["error"].as_str().unwrap().to_owned();
    assert_eq!(send(fields().field("message", "n")).await.invalid_fields(), ["message"]);
    let late = "must come before the files";
    let file = || Form::default().file("a", "text/plain", b"text");
    let response = send(file().field("caseNumber", &number).field("message", "m")).await;
    for problem in response.body["details"]["fields"].as_array().unwrap() {
        assert_eq!(problem["message"], late);
    }
    assert_eq!(response.invalid_fields(), ["caseNumber", "message"]);
    let after = fields().file("a", "text/plain", b"text").field("email", "john@example.com");
    assert_eq!(told(send(after).await), format!("email {late}."));
    let no_number = Form::default().field("message", "m").file("a", "text/plain", b"text");
    assert_eq!(send(no_number).await.invalid_fields(), ["caseNumber"]);
    // Far more parts than the maximum.
    let many = (0..5_000).fold(fields(), |form, _| form.field("x", ""));
    send(many).await.refused(400, "MALFORMED_FORM");
    let nameless = (0..5_000).fold(fields(), |form, _| form.file("", "text/plain", b""));
    send(nameless).await.refused(400, "MALFORMED_FORM");
    assert_unchanged(&server, &number).await;
}

async fn a_malformed_body_is_refused_on_every_operation(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    for operation in operations(&document, &number) {
        if operation.takes_no_json {
            continue;
        }
        for body in ["{bad", "nonsense", "[]", "{} {}", " ", "null"] {
            let request = operation.request(&server, "").body(body);
            let request = request.header(CONTENT_TYPE, "application/json");
            Response::to(request).await.refused(400, "MALFORMED_JSON");
        }
    }
    let retry = "/api/internal/notifications/ntf_01jjg00000e008000000000001/retry";
    for fine in ["", "{}", " { } "] {
        let request = server.staff_request(Method::POST, retry).body(fine);
        Response::to(request).await.refused(404, "NOTIFICATION_NOT_FOUND");
    }
    let large = server.staff_request(Method::POST, retry).body(" ".repeat(200_000));
    Response::to(large).await.refused(413, "PAYLOAD_TOO_LARGE");
    assert_unchanged(&server, &number).await;
}

async fn a_repeated_header_is_refused_by_name_on_every_operation(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let document = document();
    for operation in operations(&document, &number) {
        for (name, value) in
            [("Authorization", "Bearer x"), ("Idempotency-Key", "k"), ("If-Match", "\"1\"")]
        {
            let mut request = operation.request(&server, "").header(name, value);
            if name != "Authorization" || !operation.path.starts_with("/api/internal/") {
                request = request.header(name, value);
            }
            let request = operation.with_empty_body(request);
            operation.assert_refused(request, name, "must be given only once").await;
        }
    }
    assert_unchanged(&server, &number).await;
}

async fn all_errors_in_all_parts_of_a_request_are_reported_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let path = format!("/api/internal/support/case/{number}/update?colour=blue");
    let request = server.staff_request(Method::POST, &path);
    let request = request.header("If-Match", "1").header("Idempotency-Key", "a b");
    let body = json!({"mesage": "x", "statusChange": "LOST", "attachments": [{"size": 1}]});
    let mut fields = Response::to(request.json(&body)).await.invalid_fields();
    fields.sort();
    fields.dedup();
    assert_eq!(
        fields,
        [
            "Idempotency-Key",
            "If-Match",
            "attachments",
            "attachments[0].size",
            "colour",
            "mesage",
            "statusChange"
        ]
    );
    assert_unchanged(&server, &number).await;
}

/// Pages may get parameters from links to them, and the service endpoints accept any.
async fn pages_and_service_endpoints_accept_any_parameter(store: Store) {
    let server = Server::with_staff(store).await;
    for path in ["/support?utm_source=mail", "/health?x=1", "/openapi.json?x", "/docs?x="] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
}
