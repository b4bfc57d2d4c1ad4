//! Requests that many tests use.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// Returns the new case of the seed.
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

/// Returns the new case of the seed for a unique customer, since each address gets at most five
/// confirmations an hour.
pub(crate) fn a_case_of_somebody() -> Value {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    case_with("email", format!("customer-{count}@example.com"))
}

/// Returns the new case of the seed with one field changed.
pub(crate) fn case_with(field: &str, value: impl Into<Value>) -> Value {
    let mut case = a_case();
    case[field] = value.into();
    case
}
