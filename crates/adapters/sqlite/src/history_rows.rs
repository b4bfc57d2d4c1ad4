//! What happened to a case and what was written to it, as rows.

use diesel::prelude::*;
use engage_domain::{
    Actor, Attachment, AttachmentId, ContentHash, Escalation, EscalationLevel, Event, StaffRef,
    Timestamp, Update, UpdateId, Version,
};
use engage_repository::{EventOrigin, RepositoryError, UpdateCursor};

use crate::case_rows::{checked, id_bits, id_bytes, parse};
use crate::error::InvalidColumn;
use crate::schema::{attachments, escalations, events, updates};

/// An actor as three columns: kind, id and name.
pub(crate) type ActorColumns = (String, Option<String>, Option<String>);

fn actor_columns(actor: &Actor) -> ActorColumns {
    let (kind, staff) = match actor {
        Actor::Customer => ("CUSTOMER", None),
        Actor::Staff(staff) => ("STAFF", Some(staff)),
        Actor::System => ("SYSTEM", None),
    };
    (kind.to_owned(), staff.map(|s| s.id.to_string()), staff.map(|s| s.name.to_string()))
}

fn actor((kind, id, name): ActorColumns) -> Result<Actor, InvalidColumn> {
    match (kind.as_str(), id, name) {
        ("CUSTOMER", None, None) => Ok(Actor::Customer),
        ("SYSTEM", None, None) => Ok(Actor::System),
        ("STAFF", Some(id), Some(name)) => {
            Ok(Actor::Staff(StaffRef { id: parse(&id, "actor")?, name: parse(&name, "actor")? }))
        }
        _ => Err(InvalidColumn { column: "actor" }),
    }
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) id: Vec<u8>,
    case_id: Vec<u8>,
    sequence: i64,
    event_type: &'static str,
    timestamp: i64,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    visibility: &'static str,
    changes: String,
    snapshot: String,
    credential: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
}

impl EventRow {
    pub(crate) fn new(
        event: &Event,
        snapshot: String,
        origin: EventOrigin,
    ) -> Result<Self, RepositoryError> {
        let (actor_kind, actor_id, actor_name) = actor_columns(&event.actor);
        let changes = serde_json::to_string(&event.changes).map_err(RepositoryError::internal)?;
        Ok(Self {
            id: id_bytes(event.id.as_u128()),
            case_id: id_bytes(event.case_id.as_u128()),
            sequence: event.sequence.get().into(),
            event_type: event.event_type().as_str(),
            timestamp: event.timestamp.as_millis(),
            actor_kind,
            actor_id,
            actor_name,
            visibility: event.visibility.as_str(),
            changes,
            snapshot,
            credential: origin.credential,
            address: origin.address.map(|address| address.to_string()),
            request_id: origin.request_id,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = updates, treat_none_as_default_value = false)]
pub(crate) struct UpdateRow {
    pub(crate) id: Vec<u8>,
    case_id: Vec<u8>,
    sequence: i64,
    position: i32,
    timestamp: i64,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
    visibility: String,
    message: String,
}

impl UpdateRow {
    pub(crate) fn new(event: &Event, position: i32, update: &Update) -> Self {
        let (author_kind, author_id, author_name) = actor_columns(&update.author);
        Self {
            id: id_bytes(update.id.as_u128()),
            case_id: id_bytes(event.case_id.as_u128()),
            sequence: event.sequence.get().into(),
            position,
            timestamp: update.timestamp.as_millis(),
            author_kind,
            author_id,
            author_name,
            visibility: update.visibility.to_string(),
            message: update.message.to_string(),
        }
    }

    pub(crate) fn place(&self) -> Result<UpdateCursor, InvalidColumn> {
        Ok(UpdateCursor {
            sequence: checked(self.sequence, Version::new, "sequence")?,
            position: checked(self.position, Some, "position")?,
        })
    }

    pub(crate) fn into_update(self, attachments: Vec<Attachment>) -> Result<Update, InvalidColumn> {
        Ok(Update {
            id: UpdateId::from_u128(id_bits(&self.id, "update id")?),
            timestamp: Timestamp::from_millis(self.timestamp),
            author: actor((self.author_kind, self.author_id, self.author_name))?,
            visibility: parse(&self.visibility, "visibility")?,
            message: parse(&self.message, "update message")?,
            attachments,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub(crate) struct AttachmentRow {
    id: Vec<u8>,
    pub(crate) update_id: Vec<u8>,
    position: i32,
    filename: String,
    content_type: String,
    size: i64,
    hash: Vec<u8>,
}

impl AttachmentRow {
    /// Its place among the files of its update.
    pub(crate) fn position(&self) -> i32 {
        self.position
    }

    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    pub(crate) fn new(
        update: &Update,
        position: i32,
        attachment: &Attachment,
    ) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: id_bytes(attachment.id.as_u128()),
            update_id: id_bytes(update.id.as_u128()),
            position,
            filename: attachment.filename.to_string(),
            content_type: attachment.content_type.to_string(),
            size: attachment.size.try_into().map_err(RepositoryError::internal)?,
            hash: attachment.hash.as_bytes().to_vec(),
        })
    }

    pub(crate) fn into_attachment(self) -> Result<Attachment, InvalidColumn> {
        let hash = self.hash.try_into().map_err(|_| InvalidColumn { column: "hash" })?;
        Ok(Attachment {
            id: AttachmentId::from_u128(id_bits(&self.id, "attachment id")?),
            filename: parse(&self.filename, "filename")?,
            content_type: parse(&self.content_type, "content_type")?,
            size: self.size.try_into().map_err(|_| InvalidColumn { column: "size" })?,
            hash: ContentHash::from_bytes(hash),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = escalations, treat_none_as_default_value = false)]
pub(crate) struct EscalationRow {
    case_id: Vec<u8>,
    sequence: i64,
    reason: String,
    level: i32,
    previous_urgency: &'static str,
    new_urgency: &'static str,
}

impl EscalationRow {
    pub(crate) fn new(event: &Event) -> Option<Self> {
        let escalation = event.kind.escalation()?;
        Some(Self {
            case_id: id_bytes(event.case_id.as_u128()),
            sequence: event.sequence.get().into(),
            reason: escalation.reason.to_string(),
            level: escalation.level.get().into(),
            previous_urgency: escalation.previous_urgency.as_str(),
            new_urgency: escalation.new_urgency.as_str(),
        })
    }
}

/// An escalation with the parts that its event holds.
#[derive(Queryable)]
pub(crate) struct StoredEscalation {
    reason: String,
    level: i32,
    previous_urgency: String,
    new_urgency: String,
    timestamp: i64,
    by: ActorColumns,
}

impl StoredEscalation {
    pub(crate) fn into_escalation(self) -> Result<Escalation, InvalidColumn> {
        Ok(Escalation {
            timestamp: Timestamp::from_millis(self.timestamp),
            reason: parse(&self.reason, "reason")?,
            by: actor(self.by)?,
            level: checked(self.level, EscalationLevel::new, "level")?,
            previous_urgency: parse(&self.previous_urgency, "previous_urgency")?,
            new_urgency: parse(&self.new_urgency, "new_urgency")?,
        })
    }
}
