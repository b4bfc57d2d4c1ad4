//! Events and escalations as the rows that a commit writes.

use std::borrow::Cow;

use diesel::prelude::*;
use engage_domain::{CaseId, Event, EventId, PersonId};
use engage_repository::{EventOrigin, RepositoryError};
use serde::Serialize;

use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::history_rows::actor_columns;
use crate::schema::{escalations, events};
use crate::trace_columns::trace_columns;

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
    recent_type: Option<String>,
    timestamp: DbTimestamp,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    visibility: &'static str,
    changes: String,
    snapshot: Cow<'a, str>,
    credential: Option<Cow<'a, str>>,
    address: Option<String>,
    request_id: Option<Cow<'a, str>>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    person_id: Option<DbId<PersonId>>,
}

impl<'a> EventRow<'a> {
    /// Converts an event with the snapshot and the origin of its change.
    pub fn new(
        event: &Event,
        snapshot: Cow<'a, str>,
        origin: Cow<'a, EventOrigin>,
    ) -> Result<Self, RepositoryError> {
        let (actor_kind, actor_id, actor_name) = actor_columns(&event.actor);
        let address = origin.address.map(|address| address.to_string());
        let (traceparent, tracestate) = trace_columns(origin.trace.as_ref());
        let (credential, request_id) = match origin {
            Cow::Borrowed(origin) => (
                origin.credential.as_deref().map(Cow::from),
                origin.request_id.as_deref().map(Cow::from),
            ),
            Cow::Owned(origin) => {
                (origin.credential.map(Cow::from), origin.request_id.map(Cow::from))
            }
        };
        let known_type = event.event_type().known_before(&event.changes);
        let is_recent = known_type != event.event_type();
        // The snapshot has the changes of participants, and loses them when the case is erased.
        let changes: Vec<_> = event.changes.iter().filter(|one| !one.is_personal()).collect();
        let changes = serde_json::to_string(&changes).map_err(RepositoryError::internal)?;
        Ok(Self {
            id: event.id.into(),
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            event_type: known_type.as_str(),
            recent_type: is_recent.then(|| event.event_type().to_string()),
            timestamp: DbTimestamp(event.timestamp),
            actor_kind,
            actor_id,
            actor_name,
            visibility: event.visibility.as_str(),
            changes,
            snapshot,
            credential,
            address,
            request_id,
            traceparent,
            tracestate,
            person_id: event.person_id.map(DbId::from),
        })
    }
}

/// An escalation, without the columns that its event has.
#[derive(Insertable, Serialize)]
#[diesel(table_name = escalations, treat_none_as_default_value = false)]
pub struct NewEscalation<'a> {
    case_id: DbId<CaseId>,
    sequence: i64,
    reason: Cow<'a, str>,
    level: i32,
    previous_urgency: &'static str,
    new_urgency: &'static str,
}

impl<'a> NewEscalation<'a> {
    /// Converts the escalation of an event, if it is one.
    pub fn of(event: &'a Event) -> Option<Self> {
        let escalation = event.kind.escalation()?;
        Some(Self {
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            reason: escalation.reason.as_str().into(),
            level: escalation.level.get().into(),
            previous_urgency: escalation.previous_urgency.as_str(),
            new_urgency: escalation.new_urgency.as_str(),
        })
    }

    /// Returns the row with its own text.
    pub fn into_owned(self) -> NewEscalation<'static> {
        let Self { case_id, sequence, reason, level, previous_urgency, new_urgency } = self;
        let reason = reason.into_owned().into();
        NewEscalation { case_id, sequence, reason, level, previous_urgency, new_urgency }
    }
}
