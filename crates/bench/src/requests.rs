//! The measured requests.

use crate::client::Request;

pub(crate) const NEW_CASE: &str = r#"{
  "name": "John Doe", "email": "john@example.com", "organization": "Acme Corp",
  "phone": "+1234567890", "customerType": "BUSINESS", "issueType": "TECHNICAL", "urgency": "HIGH",
  "clientOrProjectName": "My Project", "subject": "Unable to access dashboard",
  "message": "Detailed description of the issue: since this morning the dashboard answers 403 to everybody on the team, whatever the browser. Signing out and in again does not help, and the status page says that all is well. We have a release tonight and cannot see whether the checks pass. Two of us saw the page for a moment at 10:15, then it was gone again. The network tab shows that the session cookie is sent. What else do you need from us to look into it?"
}"#;

pub(crate) fn look_up(number: &str) -> Request {
    Request::post("/api/support/case/status", &format!(r#"{{"caseNumber":"{number}"}}"#))
}
