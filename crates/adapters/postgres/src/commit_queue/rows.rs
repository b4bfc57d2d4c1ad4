//! The rows that only commits write, as the statement reads them.

use engage_domain::{CaseId, Event, EventId, NotificationId};
use engage_repository::{ChangeSet, OutboxMessage, RepositoryError, SearchWords};
use engage_sql::{DbId, DbTimestamp, actor_columns, number_columns};
use serde::Serialize;

use crate::search::vector_text;

#[derive(Serialize)]
pub(super) struct EventRow<'a> {
    id: DbId<EventId>,
    case_id: DbId<CaseId>,
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
    pub(super) fn new(change_set: &'a ChangeSet) -> Result<Self, RepositoryError> {
        let ChangeSet { event, origin, .. } = change_set;
        let (actor_kind, actor_id, actor_name) = actor_columns(&event.actor);
        let changes = serde_json::to_string(&event.changes).map_err(RepositoryError::internal)?;
        Ok(Self {
            id: event.id.into(),
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            event_type: event.event_type().as_str(),
            timestamp: DbTimestamp(event.timestamp),
            actor_kind,
            actor_id,
            actor_name,
            visibility: event.visibility.as_str(),
            changes,
            snapshot: &change_set.snapshot,
            credential: origin.credential.as_deref(),
            address: origin.address.map(|address| address.to_string()),
            request_id: origin.request_id.as_deref(),
        })
    }
}

#[derive(Serialize)]
pub(super) struct NewEscalation<'a> {
    case_id: DbId<CaseId>,
    sequence: i64,
    reason: &'a str,
    level: i32,
    previous_urgency: &'static str,
    new_urgency: &'static str,
}

impl<'a> NewEscalation<'a> {
    pub(super) fn of(event: &'a Event) -> Option<Self> {
        let escalation = event.kind.escalation()?;
        Some(Self {
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            reason: escalation.reason.as_str(),
            level: escalation.level.get().into(),
            previous_urgency: escalation.previous_urgency.as_str(),
            new_urgency: escalation.new_urgency.as_str(),
        })
    }
}

/// A notification before its first attempt. The statement adds the columns that are the same for all.
#[derive(Serialize)]
pub(super) struct NewNotification {
    id: DbId<NotificationId>,
    event_id: DbId<EventId>,
    channel: &'static str,
    template: &'static str,
    address: String,
}

impl NewNotification {
    pub(super) fn new(event: &Event, message: &OutboxMessage) -> Self {
        Self {
            id: message.id.into(),
            event_id: event.id.into(),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
        }
    }
}

/// Search words of a case.
#[derive(Serialize)]
pub(super) struct WordsRow {
    case_id: DbId<CaseId>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    words: String,
    version: i32,
}

impl WordsRow {
    pub(super) fn new(change_set: &ChangeSet) -> Result<Self, RepositoryError> {
        let (number_prefix, number_year, number_sequence) =
            number_columns(change_set.case.number()).map_err(RepositoryError::internal)?;
        Ok(Self {
            case_id: change_set.event.case_id.into(),
            number_prefix,
            number_year,
            number_sequence,
            words: vector_text(&SearchWords::of_change(change_set)),
            version: SearchWords::VERSION,
        })
    }
}
