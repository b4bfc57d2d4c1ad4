//! Formats and descriptions that follow from the name of a field, so that the same name always
//! means the same.
//!
//! The prefixes of ids come from the domain.

use engage_application::AccessToken;
use engage_domain::{
    AttachmentId, ContactId, ErasureId, NotificationId, OrganizationId, PersonId, TagId, TokenId,
    UpdateId, WebhookId,
};

/// Returns the id prefix of a field in a request.
fn id_prefix(owner: &str, name: &str) -> Option<&'static str> {
    match (owner, name) {
        ("UploadedFile", "id") | (_, "attachmentId") => Some(AttachmentId::PREFIX),
        (_, "notificationId") => Some(NotificationId::PREFIX),
        (_, "webhookId" | "endpointId") => Some(WebhookId::PREFIX),
        (_, "tokenId") => Some(TokenId::PREFIX),
        ("MergeContactsRequest", "into" | "from") | (_, "contactId") => Some(ContactId::PREFIX),
        (_, "organizationId") => Some(OrganizationId::PREFIX),
        ("MergeTagsRequest", "into" | "from") | (_, "tagId") => Some(TagId::PREFIX),
        (_, "erasureId") => Some(ErasureId::PREFIX),
        (_, "participantId" | "personId") => Some(PersonId::PREFIX),
        (_, "updateId") => Some(UpdateId::PREFIX),
        _ => None,
    }
}

/// Name of a tag: up to 40 characters without commas and control characters.
const TAG: &str = r"^[^,\x00-\x1f\x7f-\x9f]{1,40}$";

/// Returns the pattern of a text in a request. Other text is rejected, or names nothing that
/// exists.
pub(super) fn pattern(owner: &str, name: &str) -> Option<String> {
    if let Some(prefix) = id_prefix(owner, name) {
        return Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"));
    }
    let pattern = match name {
        "addTags" | "removeTags" => TAG.to_owned(),
        name if is_of_tags(name) => TAG.to_owned(),
        "name" if owner == "RenameTagRequest" => TAG.to_owned(),
        // A malformed number gets the same response as an unknown one there.
        "caseNumber" if matches!(owner, "RequestCodeRequest" | "RedeemCodeRequest") => {
            r"^(.|\s)*$".to_owned()
        }
        // Any text with or without line breaks, but without control characters.
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
        // 40 bytes in base64, or 56 of a participant.
        "accessToken" => format!(
            "^({}[A-Za-z0-9_-]{{54}}|{}[A-Za-z0-9_-]{{75}})$",
            AccessToken::PREFIX,
            AccessToken::PARTICIPANT_PREFIX,
        ),
        "emails" => r"^[^@\s]+@[^@\s]+$".to_owned(),
        "domains" => r"^[^@\s]+\.[^@\s]+$".to_owned(),
        "code" => "^[ -]*([0-9A-TV-Za-tv-z][ -]*){8}$".to_owned(),
        "phone" => r"^[ .()-]*(\+|0[ .-]*0)[ .()-]*[1-9][ .()-]*([0-9][ .()-]*){6,14}$".to_owned(),
        "staffId" | "actsFor" => "^[a-z0-9_-]{1,64}$".to_owned(),
        "contentType" => {
            let name = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
            format!("^ *({name}/{name} *(;.*)?)?$")
        }
        _ => return None,
    };
    Some(pattern)
}

/// Returns true if a parameter is a time (RFC 3339).
pub(super) fn is_time(name: &str) -> bool {
    matches!(
        name,
        "createdFrom" | "createdTo" | "updatedFrom" | "updatedTo" | "dueBefore" | "from" | "to"
    )
}

/// Returns true if a parameter takes several comma-separated values.
pub(super) fn takes_several(name: &str) -> bool {
    matches!(
        name,
        "status"
            | "urgency"
            | "customerType"
            | "issueType"
            | "source"
            | "assignedTo"
            | "department"
            | "customerEmail"
            | "participantEmail"
            | "slaState"
            | "channel"
            | "event"
            | "role"
    ) || is_of_tags(name)
}

/// Returns true if a parameter takes names of tags, at most as many as a case has.
pub(super) fn is_of_tags(name: &str) -> bool {
    matches!(name, "tags" | "tagsAll" | "tagsNone")
}

/// Returns true if a parameter is repeated to give several values, since they may contain commas.
pub(super) fn is_repeated(name: &str) -> bool {
    matches!(name, "organization" | "project")
}

/// Returns the description of a response field whose schema has none.
pub(super) fn meaning(name: &str) -> Option<&'static str> {
    match name {
        "success" => Some("Always true."),
        "message" => Some("A sentence about the result."),
        "caseNumber" => Some("Case number."),
        "status" => Some("Status of the case."),
        "urgency" => Some("Urgency of the case."),
        "customerType" => Some("Type of the customer's contract."),
        "issueType" => Some("Type of the issue."),
        _ => None,
    }
}
