//! The operations of the description.

use reqwest::Method;
use serde_json::{Value, json};

use super::CUSTOMER;
use crate::support::a_case;

/// An operation of the description.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) template: String,
    /// The declared errors: status and code.
    pub(super) errors: Vec<(u16, String)>,
    pub(super) has_json: bool,
    pub(super) has_form: bool,
    pub(super) has_csv: bool,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

impl Operation {
    pub(super) fn all_in(document: &Value) -> Vec<Self> {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let content = &operation["requestBody"]["content"];
                operations.push(Self {
                    method: method.to_uppercase().parse().unwrap(),
                    template: path.clone(),
                    errors: errors_of(operation, document),
                    has_json: content["application/json"].is_object(),
                    has_form: content["multipart/form-data"].is_object(),
                    has_csv: content["text/csv"].is_object(),
                });
            }
        }
        operations
    }

    /// Checks whether the operation is one of participants.
    pub(super) fn is_about_participants(&self) -> bool {
        self.template.contains("/participants")
    }

    /// Checks whether a customer sends it, with an access token in the body.
    pub(super) fn takes_token(&self) -> bool {
        self.is_about_participants() && !self.is_internal()
    }

    pub(super) fn is_internal(&self) -> bool {
        self.template.starts_with("/api/internal/")
    }

    /// Returns the body of a request that succeeds, or null if the operation has no JSON body.
    pub(super) fn body(&self, number: &str) -> Value {
        if !self.has_json {
            return Value::Null;
        }
        let end = self.template.rsplit('/').next().unwrap();
        match (self.method.as_str(), end) {
            ("POST", "case" | "cases") => a_case(),
            ("POST", "participants") if self.is_internal() => json!({"email": "new@x.example"}),
            ("POST", "participants") => {
                json!({"caseNumber": number, "participantEmail": "new@x.example"})
            }
            ("POST", "remove" | "leave" | "return") => json!({"caseNumber": number}),
            ("PATCH", "{participantId}") => json!({"name": "Ann"}),
            ("POST", "redeem") => {
                json!({"caseNumber": number, "email": CUSTOMER, "code": "AAAA-AAAA"})
            }
            ("POST", "attachment") => {
                json!({"caseNumber": number, "email": CUSTOMER, "attachmentId": unknown("attachmentId")})
            }
            ("POST", "access" | "status") => json!({"caseNumber": number, "email": CUSTOMER}),
            ("POST", "escalate") if self.is_internal() => json!({"reason": "r"}),
            ("POST", "cancel" | "escalate") => {
                json!({"caseNumber": number, "email": CUSTOMER, "reason": "r"})
            }
            ("POST", "reply") => json!({"caseNumber": number, "email": CUSTOMER, "message": "m"}),
            ("POST", "retry" | "replay") => json!({"since": "2025-01-01T00:00:00Z"}),
            ("POST", "staff") => json!({"name": "N", "email": "n@staff.example", "role": "AGENT"}),
            ("PATCH", "{staffId}") => json!({"name": "Sam"}),
            ("POST", "tokens") => json!({}),
            ("PATCH", "{caseNumber}") => json!({"issueType": "BILLING"}),
            ("PUT", "assign") => json!({"staffId": "staff-456"}),
            ("POST", "update") => json!({"message": "m"}),
            ("POST", "redact") => json!({"field": "message"}),
            ("POST", "bulk") => json!({"action": "close", "caseNumbers": [number]}),
            ("POST", "webhooks") => json!({"url": "https://127.0.0.1:1/new"}),
            ("PATCH", "{webhookId}") => json!({"description": "d"}),
            ("POST", "contacts") | ("PATCH", "{contactId}" | "{organizationId}") => {
                json!({"name": "N"})
            }
            ("POST", "erase") => json!({"email": "nobody@customer.example"}),
            ("POST", "organizations") => json!({"name": "N", "customerType": "FREE"}),
            ("PATCH", "{tagId}") => json!({"name": "N"}),
            ("POST", "merge") if self.template.contains("tags") => {
                json!({"into": unknown("tagId"), "from": "tag_01jjg00000e008000000000002"})
            }
            ("POST", "merge") => {
                json!({"into": unknown("contactId"), "from": unknown("contactId")})
            }
            _ => panic!("{self} needs a body here"),
        }
    }
}

/// Returns the declared errors of an operation. The report of an unhealthy service is no error.
fn errors_of(operation: &Value, document: &Value) -> Vec<(u16, String)> {
    let resolve = |value: &Value| match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap().clone(),
        None => value.clone(),
    };
    let mut errors = Vec::new();
    for (status, response) in operation["responses"].as_object().unwrap() {
        let status: u16 = status.parse().unwrap();
        let schema = &resolve(response)["content"]["application/json"]["schema"];
        let choices = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        for choice in choices.iter().map(resolve) {
            if let (400.., Some(code)) = (status, choice["properties"]["code"]["const"].as_str()) {
                errors.push((status, code.to_owned()));
            }
        }
    }
    errors
}

/// The parameters in the paths.
pub(super) const PARAMETERS: [&str; 11] = [
    "caseNumber",
    "staffId",
    "tokenId",
    "attachmentId",
    "notificationId",
    "webhookId",
    "participantId",
    "contactId",
    "organizationId",
    "erasureId",
    "tagId",
];

/// Returns a value for a path parameter that names nothing.
pub(super) fn unknown(parameter: &str) -> &'static str {
    match parameter {
        "caseNumber" => "CW-2020-999",
        "staffId" => "nobody-has-it",
        "tokenId" => "tok_01jjg00000e008000000000001",
        "updateId" => "upd_01jjg00000e008000000000001",
        "attachmentId" => "att_01jjg00000e008000000000001",
        "notificationId" => "ntf_01jjg00000e008000000000001",
        "webhookId" => "whk_01jjg00000e008000000000001",
        "participantId" => "per_01jjg00000e008000000000001",
        "contactId" => "con_01jjg00000e008000000000001",
        "organizationId" => "org_01jjg00000e008000000000001",
        "erasureId" => "era_01jjg00000e008000000000001",
        "tagId" => "tag_01jjg00000e008000000000001",
        _ => panic!("{parameter}"),
    }
}
