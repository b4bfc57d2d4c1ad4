//! What is said of fields by their names, so that a name means the same wherever it is.
//!
//! The words of the domain come from its enumerations, and the ids' prefixes from its ids.

use engage_application::AccessToken;
use engage_domain::{
    AttachmentId, AttemptOutcome, Channel, CustomerType, EventSubtype, EventType, IssueType,
    NotificationId, NotificationStatus, Role, ServiceAlert, ServiceClock, Status, Template,
    TokenId, Urgency, WebhookId,
};

use crate::staff::{bulk, webhooks};

/// The words out of which a field has one. It belongs to a schema, or as a parameter to a path.
pub(super) fn words(owner: &str, name: &str) -> Option<&'static [&'static str]> {
    let words: &[&str] = match (owner, name) {
        ("NotificationBody" | "/api/internal/notifications/status", "status") => {
            NotificationStatus::SPELLINGS
        }
        (_, "status" | "statusChange") => Status::SPELLINGS,
        (_, "urgency" | "newUrgency" | "previousUrgency") => Urgency::SPELLINGS,
        (_, "customerType") => CustomerType::SPELLINGS,
        (_, "issueType") => IssueType::SPELLINGS,
        (_, "role") => Role::SPELLINGS,
        (_, "channel") => Channel::SPELLINGS,
        (_, "template") => Template::SPELLINGS,
        (_, "event" | "type") => EventType::SPELLINGS,
        (_, "eventTypes") => webhooks::EVENT_TYPES,
        (_, "subtypes") => EventSubtype::SPELLINGS,
        ("ActorSnapshot" | "AuthorBody", "kind") => &["CUSTOMER", "STAFF", "SYSTEM"],
        ("AttemptBody", "outcome") => AttemptOutcome::SPELLINGS,
        ("OverdueSnapshot", "clock") => ServiceClock::SPELLINGS,
        ("OverdueSnapshot", "alert") => ServiceAlert::SPELLINGS,
        ("BulkRequest", "action") => bulk::ACTION_NAMES,
        _ => return None,
    };
    Some(words)
}

/// The prefix of the ids out of which a field of a request has one.
fn id_prefix(owner: &str, name: &str) -> Option<&'static str> {
    let owner = owner.strip_prefix("/api/internal/").unwrap_or(owner);
    match (owner.split('/').next()?, name) {
        ("UploadedFile" | "support", "id") | (_, "attachmentId") => Some(AttachmentId::PREFIX),
        ("notifications", "id") | (_, "notificationId") => Some(NotificationId::PREFIX),
        ("webhooks", "id") | (_, "endpointId") => Some(WebhookId::PREFIX),
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
    matches!(name, "createdFrom" | "createdTo" | "from" | "to")
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

/// A pattern of one of these words in any case of letters.
pub(super) fn in_any_case(words: &[&str]) -> String {
    let one = |word: &&str| word.chars().map(letter_in_any_case).collect::<String>();
    words.iter().map(one).collect::<Vec<_>>().join("|")
}

fn letter_in_any_case(letter: char) -> String {
    match letter {
        letter if letter.is_ascii_alphabetic() => {
            format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
        }
        '.' => r"\.".to_owned(),
        other => other.to_string(),
    }
}

/// The words as a sentence has them.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
