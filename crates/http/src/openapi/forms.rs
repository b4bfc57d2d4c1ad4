//! What is said of fields by their names, so that a name means the same wherever it is.
//!
//! The prefixes of ids come from the domain.

use engage_application::AccessToken;
use engage_domain::{AttachmentId, NotificationId, TokenId, WebhookId};

/// The prefix of the ids out of which a field of a request has one.
fn id_prefix(owner: &str, name: &str) -> Option<&'static str> {
    match (owner, name) {
        ("UploadedFile", "id") | (_, "attachmentId") => Some(AttachmentId::PREFIX),
        (_, "notificationId") => Some(NotificationId::PREFIX),
        (_, "webhookId" | "endpointId") => Some(WebhookId::PREFIX),
        (_, "tokenId") => Some(TokenId::PREFIX),
        _ => None,
    }
}

/// What a text in a request fits, where what does not is refused or names nothing.
pub(super) fn pattern(owner: &str, name: &str) -> Option<String> {
    if let Some(prefix) = id_prefix(owner, name) {
        return Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"));
    }
    let pattern = match name {
        // Nobody is told there that a text is no number.
        "caseNumber" if matches!(owner, "RequestCodeRequest" | "RedeemCodeRequest") => {
            r"^(.|\s)*$".to_owned()
        }
        // Any text, in lines or in one, but no control characters.
        "message" | "reason" | "notes" => r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$".to_owned(),
        "name"
        | "subject"
        | "organization"
        | "clientOrProjectName"
        | "department"
        | "description" => r"^[^\x00-\x1f\x7f-\x9f]*$".to_owned(),
        "caseNumber" | "caseNumbers" => {
            let sequence = "(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,18})";
            format!("^[A-Za-z][A-Za-z0-9]{{0,9}}-[1-9][0-9]{{3}}-{sequence}$")
        }
        // 40 octets in base64.
        "accessToken" => format!("^{}[A-Za-z0-9_-]{{54}}$", AccessToken::PREFIX),
        "code" => "^[ -]*([0-9A-TV-Za-tv-z][ -]*){8}$".to_owned(),
        "phone" => r"^[ .()-]*(\+|0[ .-]*0)[ .()-]*[1-9][ .()-]*([0-9][ .()-]*){6,14}$".to_owned(),
        "staffId" => "^[a-z0-9_-]{1,64}$".to_owned(),
        "contentType" => {
            let name = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
            format!("^ *({name}/{name} *(;.*)?)?$")
        }
        _ => return None,
    };
    Some(pattern)
}

/// Whether a parameter is a time (RFC 3339).
pub(super) fn is_time(name: &str) -> bool {
    matches!(
        name,
        "createdFrom" | "createdTo" | "updatedFrom" | "updatedTo" | "dueBefore" | "from" | "to"
    )
}

/// Whether a parameter takes several values, with commas between them.
pub(super) fn takes_several(name: &str) -> bool {
    matches!(
        name,
        "status"
            | "urgency"
            | "customerType"
            | "issueType"
            | "assignedTo"
            | "department"
            | "customerEmail"
            | "slaState"
            | "channel"
            | "event"
            | "role"
    )
}

/// Returns true if several values of a parameter are given by repeating it, since they may have commas.
pub(super) fn is_repeated(name: &str) -> bool {
    matches!(name, "organization" | "project")
}

/// What a field of an answer is, where its schema does not say.
pub(super) fn meaning(name: &str) -> Option<&'static str> {
    match name {
        "success" => Some("Always true."),
        "message" => Some("What was done, in a sentence."),
        "caseNumber" => Some("The case's number."),
        "status" => Some("Where the case stands."),
        "urgency" => Some("How much it hurts."),
        "customerType" => Some("What kind of contract the customer has."),
        "issueType" => Some("What kind of help is wanted."),
        _ => None,
    }
}
