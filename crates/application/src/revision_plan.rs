//! From a decision to what it revises of what was stored before.

use engage_domain::event::{Change, RedactableField, RedactedPart, Redaction, RedactionMark};
use engage_domain::{Address, Decision, Message, UpdateId};
use engage_notifier::Snapshot;
use engage_repository::{RepositoryError, Revision, StoredRedaction};

/// A part of a case that is about to be redacted, as it was read.
pub(crate) struct FoundPart {
    /// The redaction.
    pub(crate) redaction: Redaction,
    /// Text of the part, and the earlier ones if it is the subject. That of a file is its name.
    pub(crate) texts: Vec<String>,
    /// Update with the text or the file, unless the part is a field of the case.
    pub(crate) update: Option<(UpdateId, Message)>,
    /// Snapshots of all events so far.
    pub(crate) snapshots: Vec<Snapshot>,
}

/// Plans the revision of a decision: a former address of the customer loses its access and its
/// notifications, a proven one ends the access of those who have not proven it, and a redacted part is
/// removed wherever it was stored. Returns `None` if nothing is revised.
pub(crate) fn plan_revision(
    decision: &Decision,
    found: Option<FoundPart>,
) -> Result<Option<Revision>, RepositoryError> {
    let mut revision = Revision::default();
    for change in &decision.event.changes {
        match change {
            Change::Email { from, .. } => {
                revision.ends_access |= from.is_some();
                revision.former_addresses.extend(from.clone().map(Address::Email));
                revision.renews_words = true;
            }
            Change::Phone { from, .. } => {
                revision.former_addresses.extend(from.clone().map(Address::Phone));
                revision.renews_words = true;
            }
            Change::CustomerProven { to, .. } => revision.proves_customer = *to,
            Change::Name { .. }
            | Change::Organization { .. }
            | Change::ClientOrProjectName { .. }
            | Change::Subject { .. }
            | Change::Redaction { .. } => revision.renews_words = true,
            _ => {}
        }
    }
    if let Some(found) = found {
        let mark = RedactionMark::new(&decision.event.actor, decision.event.timestamp);
        revision.redaction = Some(stored_redaction(found, &mark)?);
    }
    Ok((!revision.is_empty()).then_some(revision))
}

fn stored_redaction(
    found: FoundPart,
    mark: &RedactionMark,
) -> Result<StoredRedaction, RepositoryError> {
    let FoundPart { redaction, texts, update, snapshots } = found;
    let part = redaction.part;
    let mut stored = StoredRedaction::default();
    for mut snapshot in snapshots {
        let id = snapshot.data.event.id;
        if snapshot.redact(part, mark) {
            let text = snapshot.into_stored_json().map_err(RepositoryError::internal)?;
            stored.snapshots.push((id, text));
        }
    }
    let field = match part {
        RedactedPart::UpdateId(_) | RedactedPart::Field(RedactableField::Message) => "message",
        RedactedPart::Field(RedactableField::Subject) => "subject",
        RedactedPart::AttachmentId(_) => "filename",
    };
    for text in &texts {
        stored.responses.push((json_field(field, text)?, json_field(field, mark.as_str())?));
    }
    match part {
        RedactedPart::UpdateId(_) => {
            stored.update = update.map(|(id, _)| (id, Message::redacted(mark)));
        }
        RedactedPart::AttachmentId(file) => {
            stored.attachment = Some(file);
            if let Some((id, text)) = update {
                let marked = text.clone().marked(mark);
                let [before, after] =
                    [&text, &marked].map(|text| json_field("message", text.as_str()));
                stored.responses.push((before?, after?));
                stored.update = Some((id, marked));
            }
        }
        RedactedPart::Field(_) => {}
    }
    Ok(stored)
}

/// Returns a field with a text as it is written in the JSON of responses.
pub(crate) fn json_field(name: &str, text: &str) -> Result<String, RepositoryError> {
    let text = serde_json::to_string(text).map_err(RepositoryError::internal)?;
    Ok(format!("\"{name}\":{text}"))
}
