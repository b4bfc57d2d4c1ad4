//! Every field of every body × everything that may be wrong with it: never a failure of the
//! server, always the error that says what to do.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Answer, Server, Store, a_case, on_both_stores};

on_both_stores! {
    every_field_of_a_new_case_is_checked
    every_field_of_a_status_request_is_checked
    every_field_of_a_reply_is_checked
    every_field_of_an_escalation_is_checked
    every_field_of_a_cancellation_is_checked
    every_field_of_an_update_is_checked
    every_field_of_an_assignment_is_checked
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One line of so many characters at most.
    Line(usize),
    /// Text of so many characters at most.
    Prose(usize),
    Email,
    Phone,
    /// One of some words.
    Word,
    CaseNumber,
    StaffId,
    Flag,
    Files,
}

struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, is_required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, is_required: false }
}

struct Endpoint {
    method: Method,
    path: &'static str,
    body: fn(&str) -> Value,
    fields: &'static [Field],
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::POST,
        path: "/api/support/case",
        body: |_| a_case(),
        fields: &[
            required("name", Kind::Line(200)),
            required("email", Kind::Email),
            optional("organization", Kind::Line(200)),
            optional("phone", Kind::Phone),
            optional("customerType", Kind::Word),
            optional("issueType", Kind::Word),
            optional("urgency", Kind::Word),
            optional("clientOrProjectName", Kind::Line(200)),
            required("subject", Kind::Line(200)),
            required("message", Kind::Prose(20_000)),
            optional("attachments", Kind::Files),
        ],
    },
    Endpoint {
        method: Method::POST,
        path: "/api/support/case/reply",
        body: |number| json!({"caseNumber": number, "message": "m"}),
        fields: &[
            required("caseNumber", Kind::CaseNumber),
            required("message", Kind::Prose(20_000)),
            optional("attachments", Kind::Files),
        ],
    },
    Endpoint {
        method: Method::POST,
        path: "/api/support/case/status",
        body: |number| json!({"caseNumber": number}),
        fields: &[required("caseNumber", Kind::CaseNumber)],
    },
    Endpoint {
        method: Method::POST,
        path: "/api/support/case/escalate",
        body: |number| json!({"caseNumber": number, "reason": "r", "newUrgency": "CRITICAL"}),
        fields: &[
            required("caseNumber", Kind::CaseNumber),
            required("reason", Kind::Prose(2_000)),
            optional("newUrgency", Kind::Word),
        ],
    },
    Endpoint {
        method: Method::POST,
        path: "/api/support/case/cancel",
        body: |number| json!({"caseNumber": number, "reason": "r"}),
        fields: &[required("caseNumber", Kind::CaseNumber), required("reason", Kind::Prose(2_000))],
    },
    Endpoint {
        method: Method::POST,
        path: "/api/internal/support/case/{}/update",
        body: |_| json!({"message": "m", "isInternal": true, "attachments": []}),
        fields: &[
            required("message", Kind::Prose(20_000)),
            optional("isInternal", Kind::Flag),
            optional("statusChange", Kind::Word),
            optional("attachments", Kind::Files),
        ],
    },
    Endpoint {
        method: Method::PUT,
        path: "/api/internal/support/case/{}/assign",
        body: |_| json!({"staffId": "staff-456", "department": "D", "notes": "n"}),
        fields: &[
            required("staffId", Kind::StaffId),
            optional("department", Kind::Line(100)),
            optional("notes", Kind::Prose(5_000)),
        ],
    },
];

/// What a request with one field otherwise must lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    /// `MALFORMED_JSON`.
    Malformed,
    /// `VALIDATION_ERROR` of the field.
    Invalid,
    /// `CASE_NOT_FOUND`.
    NoCase,
}

use Outcome::{Accepted, Invalid, Malformed, NoCase};

/// The field left out, or given in this spelling, and what must come of it.
fn trials(field: &Field) -> Vec<(Option<String>, Outcome)> {
    let absent = if field.is_required { Invalid } else { Accepted };
    let mut trials = vec![(None, absent)];
    let mut add = |json: String, outcome| trials.push((Some(json), outcome));
    // Null takes a case back from its assignee.
    add("null".to_owned(), if field.kind == Kind::StaffId { Accepted } else { absent });
    for (json, taken) in [
        ("5", None),
        ("-1.5e300", None),
        ("true", Some(Kind::Flag)),
        ("[]", Some(Kind::Files)),
        ("{}", None),
    ] {
        add(json.to_owned(), if taken == Some(field.kind) { Accepted } else { Malformed });
    }
    for broken in [r#""\ud800""#, r#""a\udc00b""#, "\"a\u{1}b\"", r#""\x""#, "\"unended"] {
        add(broken.to_owned(), Malformed);
    }
    if matches!(field.kind, Kind::Flag | Kind::Files) {
        add("\"x\"".to_owned(), Malformed);
        if field.kind == Kind::Files {
            add("[1]".to_owned(), Malformed);
            add("[{\"filename\": \"x\", \"content\": \"?\"}]".to_owned(), Invalid);
            add("[{\"filename\": \"x\"}]".to_owned(), Invalid);
        }
        return trials;
    }
    let mut text = |text: &str, outcome| add(Value::from(text).to_string(), outcome);
    let bad = if field.kind == Kind::CaseNumber { NoCase } else { Invalid };
    let blank = if field.kind == Kind::CaseNumber { NoCase } else { absent };
    for blanks in ["", "  ", "\t \n", "\u{2003}\u{a0}"] {
        text(blanks, blank);
    }
    for character in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'] {
        text(&format!("a{character}b"), bad);
    }
    let prose = matches!(field.kind, Kind::Prose(_));
    for line_end in ["\r\n", "\n", "\r", "\t"] {
        text(&format!("a{line_end}b"), if prose { Accepted } else { bad });
    }
    let (longest, too_long) = match field.kind {
        Kind::Line(max) | Kind::Prose(max) => (Some("\u{1f600}".repeat(max)), "x".repeat(max + 1)),
        Kind::Email => {
            let domain = ["d".repeat(61).as_str(); 4].join(".");
            (Some(format!("lllll1@{domain}")), format!("lllll12@{domain}"))
        }
        Kind::Phone => (Some("+123456789012345".to_owned()), "+1234567890123456".to_owned()),
        Kind::StaffId => (None, "x".repeat(65)),
        Kind::Word | Kind::CaseNumber | Kind::Flag | Kind::Files => (None, "X".repeat(1_000)),
    };
    if let Some(longest) = longest {
        text(&longest, Accepted);
    }
    text(&too_long, bad);
    trials
}

async fn check(server: &Server, endpoint: &Endpoint, field: &Field) {
    let number = &mut server.open(&a_case()).await;
    for (spelling, expected) in trials(field) {
        let mut body = (endpoint.body)(number);
        body.as_object_mut().unwrap().remove(field.name);
        let mut body = body.to_string();
        if let Some(spelling) = &spelling {
            let rest = body.strip_prefix('{').unwrap();
            let comma = if rest == "}" { "" } else { "," };
            body = format!("{{\"{}\":{spelling}{comma}{rest}", field.name);
        }
        let request =
            server.staff_request(endpoint.method.clone(), &endpoint.path.replace("{}", number));
        let request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        let answer = Answer::to(request).await;
        let shown: String = body.chars().take(200).collect();
        let told = format!("{} {}: {shown}: {answer:?}", endpoint.path, field.name);
        let outcome = match (answer.status, answer.body["code"].as_str().unwrap_or_default()) {
            (200, _) => Accepted,
            (400, "MALFORMED_JSON") => Malformed,
            (400, "VALIDATION_ERROR") => Invalid,
            (404, "CASE_NOT_FOUND") => NoCase,
            _ => panic!("{told}"),
        };
        assert_eq!(outcome, expected, "{told}");
        match outcome {
            // The next trial needs a case that nothing has happened to.
            Accepted => *number = server.open(&a_case()).await,
            Invalid => assert_eq!(answer.invalid_fields(), [field.name], "{told}"),
            Malformed | NoCase => answer.assert_is_error(),
        }
    }
}

async fn check_all(store: Store, path: &str) {
    let server = Server::with_staff(store).await;
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == path).unwrap();
    for field in endpoint.fields {
        check(&server, endpoint, field).await;
    }
    assert_eq!(server.get("/health").await.status, 200);
    let complaints: Vec<String> =
        server.log().into_iter().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(complaints, [""; 0], "the server found no fault of its own");
}

async fn every_field_of_a_new_case_is_checked(store: Store) {
    check_all(store, "/api/support/case").await;
}

async fn every_field_of_a_status_request_is_checked(store: Store) {
    check_all(store, "/api/support/case/status").await;
}

async fn every_field_of_a_reply_is_checked(store: Store) {
    check_all(store, "/api/support/case/reply").await;
}

async fn every_field_of_an_escalation_is_checked(store: Store) {
    check_all(store, "/api/support/case/escalate").await;
}

async fn every_field_of_a_cancellation_is_checked(store: Store) {
    check_all(store, "/api/support/case/cancel").await;
}

async fn every_field_of_an_update_is_checked(store: Store) {
    check_all(store, "/api/internal/support/case/{}/update").await;
}

async fn every_field_of_an_assignment_is_checked(store: Store) {
    check_all(store, "/api/internal/support/case/{}/assign").await;
}
