//! A change set as the rows that are written for it.

use std::borrow::Cow;

use diesel::prelude::*;
use engage_domain::{Event, EventId, NotificationId, PersonId};
use engage_repository::{ChangeSet, OutboxMessage, RepositoryError, Revision, SearchWords};
use engage_sql::schema::notifications;
use engage_sql::{
    AttachmentRow, CaseRow, CaseTags, DbId, DbTimestamp, EndedParticipation, EventRow,
    NewEscalation, ParticipantAddresses, StoredResponseRow, UpdateRow,
};

use crate::clock::db_now;
use crate::search::WordsRow;

/// Everything that one change set writes.
///
/// Built by the callers, which are many, and not by the one writer thread.
pub(crate) struct ChangeRows {
    /// Version at which the case was read, unless the change opens it.
    pub(crate) base_version: Option<i64>,
    /// Version of the directory with which the change was planned.
    pub(crate) directory: Option<i64>,
    pub(crate) case: CaseRow,
    pub(crate) event: EventRow<'static>,
    pub(crate) escalation: Option<NewEscalation<'static>>,
    pub(crate) updates: Vec<UpdateRow>,
    pub(crate) attachments: Vec<AttachmentRow>,
    /// Search words, if the change adds any.
    pub(crate) words: Option<WordsRow>,
    pub(crate) notifications: Vec<NewNotification>,
    pub(crate) response: Option<StoredResponseRow>,
    /// Participations whose notifications the change cancels.
    pub(crate) ended: Vec<EndedParticipation>,
    /// Addresses of the participants, if the change is of participants.
    pub(crate) addresses: Option<ParticipantAddresses>,
    /// Tags of the case, if the change is of tags.
    pub(crate) tags: Option<CaseTags>,
    /// Changes to what was stored before, if there are any.
    pub(crate) revision: Option<Revision>,
}

impl ChangeRows {
    pub(crate) fn new(change_set: ChangeSet) -> Result<Self, RepositoryError> {
        let words = SearchWords::of_change(&change_set);
        let base_version = change_set.base_version().map(|version| version.get().into());
        let ChangeSet { case, event, snapshot, messages, idempotency, directory, origin, revision } =
            change_set;
        let mut attachments = Vec::new();
        for update in &event.updates {
            for (position, attachment) in (0..).zip(&update.attachments) {
                attachments.push(AttachmentRow::new(update, position, attachment)?);
            }
        }
        let updates = (0..)
            .zip(&event.updates)
            .map(|(position, update)| UpdateRow::new(&event, position, update))
            .collect();
        Ok(Self {
            base_version,
            directory: directory.map(|version| version.0),
            case: CaseRow::new(&case)?,
            escalation: NewEscalation::of(&event).map(NewEscalation::into_owned),
            updates,
            attachments,
            words: (!words.is_empty()).then(|| WordsRow::from(&words)),
            notifications: messages
                .iter()
                .map(|message| NewNotification::new(&event, message))
                .collect(),
            ended: EndedParticipation::of(&event),
            addresses: ParticipantAddresses::of(&case, &event),
            tags: CaseTags::of(&case, &event),
            response: idempotency.map(|record| StoredResponseRow::new(&event, record)),
            event: EventRow::new(&event, snapshot.into(), Cow::Owned(origin))?,
            revision,
        })
    }
}

impl ChangeRows {
    /// Returns whether the change removes something for ever.
    pub(crate) fn redacts(&self) -> bool {
        self.revision.as_ref().is_some_and(Revision::removes_data)
    }
}

/// A notification before its first attempt.
#[derive(Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct NewNotification {
    id: DbId<NotificationId>,
    event_id: DbId<EventId>,
    channel: &'static str,
    template: &'static str,
    address: String,
    status: &'static str,
    attempts: i32,
    due_at: DbTimestamp,
    claim: i64,
    created_at: DbTimestamp,
    person_id: Option<DbId<PersonId>>,
}

impl NewNotification {
    fn new(event: &Event, message: &OutboxMessage) -> Self {
        let now = db_now();
        Self {
            id: message.id.into(),
            event_id: event.id.into(),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
            status: "PENDING",
            attempts: 0,
            due_at: now,
            claim: 0,
            created_at: now,
            person_id: message.person.map(DbId::from),
        }
    }
}
