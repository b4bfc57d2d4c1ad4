//! Requests that are often needed.

use serde_json::{Value, json};

/// The seed's new case.
pub(crate) fn a_case() -> Value {
    json!({
        "name": "John Doe",
        "email": "john@example.com",
        "organization": "Acme Corp",
        "phone": "+1234567890",
        "customerType": "BUSINESS",
        "issueType": "TECHNICAL",
        "urgency": "HIGH",
        "clientOrProjectName": "My Project",
        "subject": "Unable to access dashboard",
        "message": "Detailed description of the issue...",
    })
}

/// The seed's new case with one field otherwise.
pub(crate) fn case_with(field: &str, value: impl Into<Value>) -> Value {
    let mut case = a_case();
    case[field] = value.into();
    case
}
