//! Every field of every body with every kind of invalid value. The result is never a server
//! failure, but always an error that says what to correct.

mod contacts;
mod endpoints;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, on_both_stores};
use contacts::of_supervisors;
use endpoints::{Endpoint, Field, Kind, of_administrators, of_cases, of_customers};

on_both_stores! {
    every_field_of_customer_requests_is_checked
    every_field_of_staff_requests_on_cases_is_checked
    every_field_of_administrator_requests_is_checked
    every_field_of_supervisor_requests_is_checked
}

/// The expected result of a request with one changed field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    /// `MALFORMED_JSON`.
    Malformed,
    /// `VALIDATION_ERROR` of the field.
    Invalid,
    /// `CASE_NOT_FOUND`.
    NoCase,
    /// `UPDATE_NOT_FOUND`.
    NoUpdate,
    /// `ATTACHMENT_NOT_FOUND`.
    NoFile,
    /// `ACCESS_CODE_INVALID`.
    NoAccess,
    /// `NOTIFICATION_NOT_FOUND`.
    NoMessage,
    /// `PROOF_REQUIRED`.
    NoProof,
    /// `PARTICIPANT_NOT_FOUND`.
    NoPerson,
    /// `CONTACT_NOT_FOUND`.
    NoContact,
    /// `TAG_NOT_FOUND`.
    NoTag,
}

use Outcome::{
    Accepted, Invalid, Malformed, NoAccess, NoCase, NoContact, NoFile, NoMessage, NoPerson,
    NoProof, NoTag, NoUpdate,
};

impl Outcome {
    #[track_caller]
    fn of(response: &Response) -> Self {
        match (response.status, response.body["code"].as_str().unwrap_or_default()) {
            (200, _) => Accepted,
            (400, "MALFORMED_JSON") => Malformed,
            (400, "VALIDATION_ERROR") => Invalid,
            (404, "CASE_NOT_FOUND") => NoCase,
            (404, "UPDATE_NOT_FOUND") => NoUpdate,
            (404, "ATTACHMENT_NOT_FOUND") => NoFile,
            (401, "ACCESS_CODE_INVALID") => NoAccess,
            (404, "NOTIFICATION_NOT_FOUND") => NoMessage,
            (401, "PROOF_REQUIRED") => NoProof,
            (404, "PARTICIPANT_NOT_FOUND") => NoPerson,
            (404, "CONTACT_NOT_FOUND") => NoContact,
            (404, "TAG_NOT_FOUND") => NoTag,
            _ => panic!("{response:?}"),
        }
    }
}

/// Returns the values to try for a field, or none to omit it, each with the expected outcome.
#[allow(clippy::too_many_lines)] // A match with one arm for each kind.
fn trials(field: &Field) -> Vec<(Option<String>, Outcome)> {
    let mut trials = vec![(None, field.missing), (Some("null".to_owned()), field.null)];
    let mut add = |json: &str, outcome| trials.push((Some(json.to_owned()), outcome));
    if field.kind == Kind::Limit {
        for (number, outcome) in
            [("1", Accepted), ("100", Accepted), ("0", Invalid), ("-1", Invalid)]
        {
            add(number, outcome);
        }
        for broken in ["1.5", "1e400", "\"5\"", "true", "[]", "{}"] {
            add(broken, Malformed);
        }
        return trials;
    }
    let list = match field.kind {
        Kind::Files | Kind::Scopes | Kind::StaffIds | Kind::Emails | Kind::Domains | Kind::Tags => {
            Accepted
        }
        // An empty list does not mean all.
        Kind::CaseNumbers | Kind::EventTypes => Invalid,
        _ => Malformed,
    };
    add("[]", list);
    add("true", if field.kind == Kind::Flag { Accepted } else { Malformed });
    let object = match field.kind {
        Kind::Headers => Accepted,
        Kind::Targets => Invalid,
        _ => Malformed,
    };
    add("{}", object);
    for broken in
        ["5", "-1.5e300", r#""\ud800""#, r#""a\udc00b""#, "\"a\u{1}b\"", r#""\x""#, "\"unended"]
    {
        add(broken, Malformed);
    }
    if list == Malformed && !matches!(field.kind, Kind::Flag | Kind::Headers | Kind::Targets) {
        for (text, outcome) in texts(field) {
            add(&Value::from(text).to_string(), outcome);
        }
        return trials;
    }
    add("\"x\"", Malformed);
    add("[1]", Malformed);
    add("[[]]", Malformed);
    match field.kind {
        Kind::Files => {
            add("[{\"filename\": \"x\", \"content\": \"?\"}]", Invalid);
            add("[{\"filename\": \"x\"}]", Invalid);
        }
        Kind::EventTypes => {
            add("[\"case.created\", \"CASE.CREATED\"]", Accepted);
            for bad in ["", " ", "case.lost", "a\0", "case.created\r\n"] {
                let outcome = if bad.trim() == "case.created" { Accepted } else { Invalid };
                add(&json!([bad]).to_string(), outcome);
            }
            add(&json!(["x".repeat(10_000)]).to_string(), Invalid);
        }
        Kind::Scopes => {
            add("[\"cases.read\", \" CASES.READ \"]", Accepted);
            for bad in ["", " ", "cases.write", "a\0", &"x".repeat(10_000)] {
                add(&json!([bad]).to_string(), Invalid);
            }
        }
        Kind::StaffIds => {
            add("[\"staff-456\", \"staff-123\", \"staff-456\"]", Accepted);
            for bad in ["", " ", "nobody", "gateway", "Jane", "a\0", &"x".repeat(65)] {
                add(&json!([bad]).to_string(), Invalid);
            }
            add(&json!(vec!["staff-456"; 1001]).to_string(), Invalid);
        }
        Kind::Headers => {
            add(r#"{"X-A": "1", "Authorization": "Bearer a b"}"#, Accepted);
            for bad in [
                json!({"X-A": ""}),
                json!({"X-A": "a\0"}),
                json!({"X-A": "a\r\nX-B: b"}),
                json!({"": "1"}),
                json!({"Content-Length": "1"}),
                json!({"x".repeat(10_000): "1"}),
                json!({"X-A": "x".repeat(10_000)}),
            ] {
                add(&bad.to_string(), Invalid);
            }
            add(r#"{"X-A": ["1"]}"#, Malformed);
        }
        Kind::Emails => {
            add("[\"a@customer.example\"]", Accepted);
            for bad in ["", " ", "x", "a@localhost", "a\0@b.example", "a@b.example\r\nX"] {
                add(&json!([bad]).to_string(), Invalid);
            }
            add(&json!(["a@b.example", "A@B.example"]).to_string(), Invalid);
            let many: Vec<_> = (0..11).map(|number| format!("p{number}@b.example")).collect();
            add(&json!(many).to_string(), Invalid);
        }
        Kind::Domains => {
            add("[\"customer.example\"]", Accepted);
            for bad in ["", " ", "x", "gmail.com", "a\0.example", "@b.example"] {
                add(&json!([bad]).to_string(), Invalid);
            }
            add(&json!(["b.example", "B.example"]).to_string(), Invalid);
            let many: Vec<_> = (0..51).map(|number| format!("d{number}.example")).collect();
            add(&json!(many).to_string(), Invalid);
        }
        Kind::Tags => {
            add("[\"VIP\", \"vip\"]", Accepted);
            for bad in ["", " ", "a,b", "a\0b", "a\r\nb", "\u{200b}", &"x".repeat(41)] {
                add(&json!([bad]).to_string(), Invalid);
            }
            let many: Vec<_> = (0..21).map(|number| format!("t{number}")).collect();
            add(&json!(many).to_string(), Invalid);
        }
        Kind::Targets => {
            let minutes = |first, last| json!({"HIGH": {"firstResponseMinutes": first, "resolutionMinutes": last}});
            add(&minutes(5, 10).to_string(), Accepted);
            for bad in [
                minutes(0, 10),
                minutes(11, 10),
                minutes(1, 1_000_000),
                json!({"HIGH": {}}),
                json!({"HIGH": {"firstResponseMinutes": null, "resolutionMinutes": 1}}),
                json!({"MILD": {"firstResponseMinutes": 1, "resolutionMinutes": 1}}),
            ] {
                add(&bad.to_string(), Invalid);
            }
            add(r#"{"HIGH": 1}"#, Malformed);
            add(r#"{"HIGH": {"firstResponseMinutes": -1}}"#, Malformed);
        }
        Kind::CaseNumbers => {
            // Each number has its own result.
            for numbers in [["", "a\0b"], ["\r\n", "x"]] {
                add(&json!(numbers).to_string(), Accepted);
            }
            add(&json!(vec!["CW-2025-999"; 100]).to_string(), Accepted);
            add(&json!(vec!["CW-2025-999"; 101]).to_string(), Invalid);
        }
        _ => {}
    }
    trials
}

/// Returns texts to try for a text field, each with the expected outcome.
fn texts(field: &Field) -> Vec<(String, Outcome)> {
    let (bad, blank) = match field.kind {
        Kind::CaseNumber => (NoCase, NoCase),
        Kind::ProofByToken => (NoCase, Accepted),
        Kind::Anything => (Accepted, Accepted),
        Kind::Url | Kind::MessageId => (Invalid, Invalid),
        _ => (Invalid, field.blank),
    };
    let mut texts = Vec::new();
    let mut add = |text: &str, outcome| texts.push((text.to_owned(), outcome));
    for blanks in ["", "  ", "\t \n", "\u{2003}\u{a0}"] {
        add(blanks, blank);
    }
    for character in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'] {
        add(&format!("a{character}b"), bad);
    }
    let prose = matches!(field.kind, Kind::Prose(_));
    for line_end in ["\r\n", "\n", "\r", "\t"] {
        add(&format!("a{line_end}b"), if prose { Accepted } else { bad });
    }
    let (longest, too_long) = match field.kind {
        Kind::Line(max) | Kind::Prose(max) => (Some("\u{1f600}".repeat(max)), "x".repeat(max + 1)),
        Kind::Email | Kind::ProofByEmail => {
            let domain = ["d".repeat(61).as_str(); 4].join(".");
            (Some(format!("lllll1@{domain}")), format!("lllll12@{domain}"))
        }
        Kind::Phone => (Some("+123456789012345".to_owned()), "+1234567890123456".to_owned()),
        Kind::StaffId => (None, "x".repeat(65)),
        Kind::Url => {
            let url = format!("https://hooks.example/{}", "x".repeat(2_000 - 22));
            (Some(url.clone()), url + "x")
        }
        _ => (None, "X".repeat(1_000)),
    };
    if let Some(longest) = longest {
        // This is not the address of the customer.
        add(&longest, if field.kind == Kind::ProofByEmail { NoCase } else { Accepted });
    }
    add(&too_long, bad);
    texts
}

/// Ids of what exists.
struct Ids {
    webhook: String,
    contact: String,
    organization: String,
    tag: String,
}

impl Ids {
    async fn of_new(server: &Server) -> Self {
        let add = async |kind: &str, body: Value| {
            let added = server.staff_post(&format!("/api/internal/{kind}s"), &body).await.ok();
            added[kind]["id"].as_str().unwrap().to_owned()
        };
        let webhook = json!({"url": "https://hooks.example/", "eventTypes": ["case.overdue"]});
        let organization = json!({"name": "N", "customerType": "FREE"});
        let number = server.open(&a_case()).await;
        server.update(&number, &json!({"addTags": ["N"]})).await.ok();
        let tags = server.staff_get("/api/internal/support/tags").await.ok();
        Self {
            tag: tags["tags"][0]["id"].as_str().unwrap().to_owned(),
            webhook: add("webhook", webhook).await,
            contact: add("contact", json!({"name": "N"})).await,
            organization: add("organization", organization).await,
        }
    }
}

/// Returns the path of an endpoint, for this case.
fn path_of(endpoint: &Endpoint, number: &str, ids: &Ids) -> String {
    let path = endpoint.path.replace("{caseNumber}", number);
    path.replace("{staffId}", endpoint.member)
        .replace("{participantId}", "per_01jjg00000e008000000000001")
        .replace("{webhookId}", &ids.webhook)
        .replace("{contactId}", &ids.contact)
        .replace("{organizationId}", &ids.organization)
        .replace("{tagId}", &ids.tag)
}

async fn check(server: &Server, ids: &Ids, endpoint: &Endpoint, field: &Field) {
    let mut number = server.open(&a_case()).await;
    for (spelling, expected) in trials(field) {
        let expected = if expected == Accepted { endpoint.fine } else { expected };
        let mut body = (endpoint.body)(&number);
        body.as_object_mut().unwrap().remove(field.name);
        let mut body = body.to_string();
        if let Some(spelling) = &spelling {
            let rest = body.strip_prefix('{').unwrap();
            let comma = if rest == "}" { "" } else { "," };
            body = format!("{{\"{}\":{spelling}{comma}{rest}", field.name);
        }
        let path = path_of(endpoint, &number, ids);
        let request = if endpoint.path.starts_with("/api/internal/") {
            server.staff_request(endpoint.method.clone(), &path)
        } else {
            server.request(endpoint.method.clone(), &path)
        };
        let request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        let response = Response::to(request).await;
        let shown: String = body.chars().take(200).collect();
        let told = format!("{} {}: {shown}: {response:?}", endpoint.path, field.name);
        assert_eq!(Outcome::of(&response), expected, "{told}");
        let is_missing = spelling.is_none_or(|spelling| spelling == "null");
        match expected {
            // The next trial needs an unchanged case.
            Accepted => number = server.open(&a_case()).await,
            Invalid => {
                let blamed = if is_missing { field.blamed } else { field.name };
                assert_eq!(response.invalid_fields(), [blamed], "{told}");
            }
            _ => response.assert_is_error(),
        }
    }
}

async fn check_all(store: Store, endpoints: Vec<Endpoint>) {
    for endpoint in &endpoints {
        // Nothing is sent, so no name has to resolve.
        let settings = [
            ("ENGAGE_WEBHOOKS__LOG_ONLY", "true"),
            ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
        ];
        let server = Server::with_staff_and(store, &settings).await;
        let machine = json!({"id": "gateway", "name": "Gateway", "role": "SERVICE"});
        server.staff_post("/api/internal/staff", &machine).await.ok();
        let ids = Ids::of_new(&server).await;
        join_all(endpoint.fields.iter().map(|field| check(&server, &ids, endpoint, field))).await;
        assert_eq!(server.get("/health").await.status, 200);
        let complaints: Vec<String> =
            server.log().into_iter().filter(|line| line.contains(" ERROR ")).collect();
        assert_eq!(complaints, [""; 0], "{}: a fault of the server's own", endpoint.path);
    }
}

async fn every_field_of_customer_requests_is_checked(store: Store) {
    check_all(store, of_customers()).await;
}

async fn every_field_of_staff_requests_on_cases_is_checked(store: Store) {
    check_all(store, of_cases()).await;
}

async fn every_field_of_administrator_requests_is_checked(store: Store) {
    check_all(store, of_administrators()).await;
}

async fn every_field_of_supervisor_requests_is_checked(store: Store) {
    check_all(store, of_supervisors()).await;
}

/// Independent of the store.
#[test]
fn every_field_of_the_description_is_covered() {
    let document = serde_json::to_value(engage_http::openapi_document()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let json = &operation["requestBody"]["content"]["application/json"]["schema"];
            let Some(reference) = json["$ref"].as_str() else {
                assert!(json.is_null(), "{method} {path} takes {json}");
                continue;
            };
            let schema = &document.pointer(&reference[1..]).unwrap()["properties"];
            for field in schema.as_object().unwrap().keys() {
                described.insert(format!("{} {path} {field}", method.to_uppercase()));
            }
        }
    }
    let all =
        [of_customers(), of_cases(), of_administrators(), of_supervisors()].into_iter().flatten();
    let tried: BTreeSet<String> = all
        .flat_map(|Endpoint { method, path, fields, .. }| {
            fields.into_iter().map(move |field| format!("{method} {path} {}", field.name))
        })
        .collect();
    let differing: Vec<_> = described.symmetric_difference(&tried).collect();
    assert!(differing.is_empty(), "described or tested, but not both: {differing:#?}");
}
