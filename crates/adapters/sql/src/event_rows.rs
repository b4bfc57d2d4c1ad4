//! Events and escalations as the rows that a commit writes.

use std::borrow::Cow;

use diesel::prelude::*;
use engage_domain::{CaseId, Event, EventId};
use engage_repository::{EventOrigin, RepositoryError};
use serde::Serialize;

use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::history_rows::actor_columns;
use crate::schema::{escalations, events};

/// An event.
#[derive(Insertable, Serialize)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct EventRow<'a> {
    /// Id of the event.
    pub id: DbId<EventId>,
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
    snapshot: Cow<'a, str>,
    credential: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
}

impl<'a> EventRow<'a> {
    /// Converts an event with the snapshot and the origin of its change.
    pub fn new(
        event: &Event,
        snapshot: Cow<'a, str>,
        origin: &EventOrigin,
    ) -> Result<Self, RepositoryError> {
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
            snapshot,
            credential: origin.credential.clone(),
            address: origin.address.map(|address| address.to_string()),
            request_id: origin.request_id.clone(),
        })
    }
}

/// An escalation, without the columns that its event has.
#[derive(Insertable, Serialize)]
#[diesel(table_name = escalations, treat_none_as_default_value = false)]
pub struct NewEscalation {
    case_id: DbId<CaseId>,
    sequence: i64,
    reason: String,
    level: i32,
    previous_urgency: &'static str,
    new_urgency: &'static str,
}

impl NewEscalation {
    /// Converts the escalation of an event, if it is one.
    pub fn of(event: &Event) -> Option<Self> {
        let escalation = event.kind.escalation()?;
        Some(Self {
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            reason: escalation.reason.to_string(),
            level: escalation.level.get().into(),
            previous_urgency: escalation.previous_urgency.as_str(),
            new_urgency: escalation.new_urgency.as_str(),
        })
    }
}
