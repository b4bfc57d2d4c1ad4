//! Requests that are often needed.

use std::sync::atomic::{AtomicUsize, Ordering};

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

/// The seed's new case of a customer who has no other: each address gets five confirmations an hour.
pub(crate) fn a_case_of_somebody() -> Value {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    case_with("email", format!("customer-{count}@example.com"))
}

/// The seed's new case with one field otherwise.
pub(crate) fn case_with(field: &str, value: impl Into<Value>) -> Value {
    let mut case = a_case();
    case[field] = value.into();
    case
}
