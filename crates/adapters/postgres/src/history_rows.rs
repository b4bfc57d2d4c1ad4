//! What happened to a case and what was written to it, as rows.

use std::fmt::Write;

use diesel::prelude::*;
use engage_domain::{Actor, Attachment, Event, StaffRef, Update, UpdateId};
use engage_repository::{ChangeSet, RepositoryError};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::case_rows::parse;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::updates;

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

pub(crate) fn actor((kind, id, name): ActorColumns) -> Result<Actor, InvalidColumn> {
    match (kind.as_str(), id, name) {
        ("CUSTOMER", None, None) => Ok(Actor::Customer),
        ("SYSTEM", None, None) => Ok(Actor::System),
        ("STAFF", Some(id), Some(name)) => {
            Ok(Actor::Staff(StaffRef { id: parse(&id, "actor")?, name: parse(&name, "actor")? }))
        }
        _ => Err(InvalidColumn { column: "actor" }),
    }
}

#[derive(Serialize)]
pub(crate) struct EventRow<'a> {
    id: Uuid,
    case_id: Uuid,
    sequence: i64,
    #[serde(rename = "type")]
    event_type: &'static str,
    timestamp: DbTimestamp,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    visibility: &'static str,
    changes: String,
    snapshot: &'a str,
    credential: Option<&'a str>,
    address: Option<String>,
    request_id: Option<&'a str>,
}

impl<'a> EventRow<'a> {
    pub(crate) fn new(change_set: &'a ChangeSet, case_id: Uuid) -> Result<Self, RepositoryError> {
        let event = &change_set.event;
        let (actor_kind, actor_id, actor_name) = actor_columns(&event.actor);
        let changes = serde_json::to_string(&event.changes).map_err(RepositoryError::internal)?;
        Ok(Self {
            id: Uuid::from_u128(event.id.as_u128()),
            case_id,
            sequence: event.sequence.get().into(),
            event_type: event.event_type().as_str(),
            timestamp: DbTimestamp(event.timestamp),
            actor_kind,
            actor_id,
            actor_name,
            visibility: event.visibility.as_str(),
            changes,
            snapshot: &change_set.snapshot,
            credential: change_set.origin.credential.as_deref(),
            address: change_set.origin.address.map(|address| address.to_string()),
            request_id: change_set.origin.request_id.as_deref(),
        })
    }
}

#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = updates)]
pub(crate) struct UpdateRow {
    id: Uuid,
    pub(crate) case_id: Uuid,
    sequence: i64,
    position: i32,
    timestamp: DbTimestamp,
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
            id: Uuid::from_u128(update.id.as_u128()),
            case_id: Uuid::from_u128(event.case_id.as_u128()),
            sequence: event.sequence.get().into(),
            position,
            timestamp: DbTimestamp(update.timestamp),
            author_kind,
            author_id,
            author_name,
            visibility: update.visibility.to_string(),
            message: update.message.to_string(),
        }
    }

    pub(crate) fn into_update(self, attachments: Vec<Attachment>) -> Result<Update, InvalidColumn> {
        Ok(Update {
            id: UpdateId::from_u128(self.id.as_u128()),
            timestamp: self.timestamp.0,
            author: actor((self.author_kind, self.author_id, self.author_name))?,
            visibility: parse(&self.visibility, "visibility")?,
            message: parse(&self.message, "update message")?,
            attachments,
        })
    }
}

#[derive(Serialize)]
pub(crate) struct AttachmentRow {
    id: Uuid,
    update_id: Uuid,
    position: i32,
    filename: String,
    content_type: String,
    size: i64,
    #[serde(serialize_with = "bytea")]
    hash: Vec<u8>,
}

impl AttachmentRow {
    pub(crate) fn new(
        update: &Update,
        position: i32,
        attachment: &Attachment,
    ) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: Uuid::from_u128(attachment.id.as_u128()),
            update_id: Uuid::from_u128(update.id.as_u128()),
            position,
            filename: attachment.filename.to_string(),
            content_type: attachment.content_type.to_string(),
            size: attachment.size.try_into().map_err(RepositoryError::internal)?,
            hash: attachment.hash.as_bytes().to_vec(),
        })
    }
}

/// Bytes as PostgreSQL reads them from text: `\\x` and hexadecimal digits.
pub(crate) fn bytea<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::from("\\x");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    serializer.serialize_str(&text)
}

#[derive(Serialize)]
pub(crate) struct EscalationRow<'a> {
    case_id: Uuid,
    sequence: i64,
    reason: &'a str,
    level: i32,
    previous_urgency: &'static str,
    new_urgency: &'static str,
}

impl<'a> EscalationRow<'a> {
    pub(crate) fn new(event: &'a Event, case_id: Uuid) -> Option<Self> {
        let escalation = event.kind.escalation()?;
        Some(Self {
            case_id,
            sequence: event.sequence.get().into(),
            reason: escalation.reason.as_str(),
            level: escalation.level.get().into(),
            previous_urgency: escalation.previous_urgency.as_str(),
            new_urgency: escalation.new_urgency.as_str(),
        })
    }
}
