//! The rows that only commits write, as the statement reads them.

use engage_domain::{CaseId, Event, EventId, NotificationId, PersonId};
use engage_repository::{ChangeSet, OutboxMessage, RepositoryError, SearchWords};
use engage_sql::{DbId, number_columns};
use serde::Serialize;

use crate::search::vector_text;

/// A notification before its first attempt. The statement adds the columns that are the same for all.
#[derive(Serialize)]
pub(super) struct NewNotification {
    id: DbId<NotificationId>,
    event_id: DbId<EventId>,
    channel: &'static str,
    template: &'static str,
    address: String,
    person_id: Option<DbId<PersonId>>,
}

impl NewNotification {
    pub(super) fn new(event: &Event, message: &OutboxMessage) -> Self {
        Self {
            id: message.id.into(),
            event_id: event.id.into(),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
            person_id: message.person.map(DbId::from),
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
