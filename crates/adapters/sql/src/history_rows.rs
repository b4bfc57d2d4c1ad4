//! The conversation and history of a case as rows.

use std::net::IpAddr;

use diesel::prelude::*;
use engage_domain::case::{Escalation, EscalationLevel};
use engage_domain::{
    Actor, Attachment, CaseId, Event, ParticipantRef, PersonId, ServiceRef, Source, StaffRef,
    Update, UpdateId, Version,
};
use engage_repository::{EventOrigin, EventPosition, RepositoryError, UpdateCursor};
use serde::{Deserialize, Serialize};

use crate::column::{checked, parse, parse_option};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::{events, updates};
use crate::trace_columns::trace_context;

/// An actor as three columns: kind, id and name.
pub type ActorColumns = (String, Option<String>, Option<String>);

/// Returns the columns of an actor. A participant has those of the customer, and a machine those of a
/// member of staff, since programs of earlier releases know no others. The columns of the person and
/// of the machine tell them apart.
pub(crate) fn actor_columns(actor: &Actor) -> ActorColumns {
    let (kind, staff) = match actor {
        Actor::Customer | Actor::Participant(_) => ("CUSTOMER", None),
        Actor::Staff(staff) => ("STAFF", Some(staff)),
        Actor::Service(service) => ("STAFF", Some(service.author())),
        Actor::System => ("SYSTEM", None),
    };
    (kind.to_owned(), staff.map(|s| s.id.to_string()), staff.map(|s| s.name.to_string()))
}

/// Reads an actor other than a participant or a machine from its columns.
pub(crate) fn actor((kind, id, name): ActorColumns) -> Result<Actor, InvalidColumn> {
    match (kind.as_str(), id, name) {
        ("CUSTOMER", None, None) => Ok(Actor::Customer),
        ("SYSTEM", None, None) => Ok(Actor::System),
        ("STAFF", Some(id), Some(name)) => Ok(Actor::Staff(reference(&id, &name)?)),
        _ => Err(InvalidColumn { column: "actor" }),
    }
}

fn reference(id: &str, name: &str) -> Result<StaffRef, InvalidColumn> {
    Ok(StaffRef { id: parse(id, "actor")?, name: parse(name, "actor")? })
}

/// The machine that wrote an update as two columns: its id and name.
pub type ViaColumns = (Option<String>, Option<String>);

/// Returns the columns of the machine if the actor is one.
fn via_columns(actor: &Actor) -> ViaColumns {
    let Actor::Service(ServiceRef { machine, .. }) = actor else { return (None, None) };
    (Some(machine.id.to_string()), Some(machine.name.to_string()))
}

/// Reads a machine from its columns. The author of an update is the member for whom it wrote, or the
/// machine itself.
fn service(author: StaffRef, via: &ViaColumns) -> Result<Actor, InvalidColumn> {
    let (Some(id), Some(name)) = via else { return Ok(Actor::Staff(author)) };
    let machine = reference(id, name)?;
    let on_behalf_of = (author.id != machine.id).then_some(author);
    Ok(Actor::Service(ServiceRef { machine, on_behalf_of }))
}

/// The person of a case as two columns: their id, and the name if they are a participant with one.
pub type PersonColumns = (Option<DbId<PersonId>>, Option<String>);

/// Author of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The author as an actor.
    pub actor: Actor,
    /// The author as a person of the case, unless they are staff or the system.
    pub person_id: Option<PersonId>,
}

impl Author {
    /// Reads the author of an update of a case. What an earlier program wrote names no person, and is
    /// by the customer unless it is by staff or the system.
    pub fn read(
        columns: ActorColumns,
        (person, name): PersonColumns,
        via: &ViaColumns,
        case: CaseId,
    ) -> Result<Self, InvalidColumn> {
        let actor = actor(columns)?;
        let person = person.map(DbId::get).filter(|id| !id.is_customer_of(case));
        let actor = match (actor, person) {
            (Actor::Customer, Some(id)) => {
                let name = parse_option(name.as_deref(), "person_name")?;
                Actor::Participant(ParticipantRef { id, name })
            }
            (Actor::Staff(author), _) => service(author, via)?,
            (actor, _) => actor,
        };
        Ok(Self { person_id: actor.person_id(case), actor })
    }
}

/// Reads the source of an update. Those from before the column existed have none, and neither have
/// those that an earlier program adds while it works beside this one.
pub fn update_source(stored: Option<&str>, author: &Actor) -> Result<Source, InvalidColumn> {
    Ok(parse_option(stored, "source")?.unwrap_or_else(|| Source::of(author)))
}

/// An update, without its attachments.
#[derive(Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = updates, treat_none_as_default_value = false)]
pub struct UpdateRow {
    /// Id of the update.
    pub id: DbId<UpdateId>,
    /// Id of its case.
    pub case_id: DbId<CaseId>,
    sequence: i64,
    position: i32,
    timestamp: DbTimestamp,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
    visibility: String,
    message: String,
    source: Option<String>,
    person_id: Option<DbId<PersonId>>,
    person_name: Option<String>,
    via_id: Option<String>,
    via_name: Option<String>,
}

impl UpdateRow {
    /// Converts the update at a position of an event.
    pub fn new(event: &Event, position: i32, update: &Update) -> Self {
        let (author_kind, author_id, author_name) = actor_columns(&update.author);
        let person_name = match &update.author {
            Actor::Participant(participant) => participant.name.as_ref().map(ToString::to_string),
            Actor::Customer | Actor::Staff(_) | Actor::Service(_) | Actor::System => None,
        };
        let (via_id, via_name) = via_columns(&update.author);
        Self {
            id: update.id.into(),
            case_id: event.case_id.into(),
            sequence: event.sequence.get().into(),
            position,
            timestamp: DbTimestamp(update.timestamp),
            author_kind,
            author_id,
            author_name,
            visibility: update.visibility.to_string(),
            message: update.message.to_string(),
            source: Some(update.source.to_string()),
            person_id: update.person_id.map(DbId::from),
            person_name,
            via_id,
            via_name,
        }
    }

    /// Returns the position of the update in its conversation.
    pub fn cursor(&self) -> Result<UpdateCursor, InvalidColumn> {
        Ok(UpdateCursor {
            sequence: checked(self.sequence, Version::new, "sequence")?,
            position: checked(self.position, Some, "position")?,
        })
    }

    /// Converts the row to an update with these attachments.
    pub fn into_update(self, attachments: Vec<Attachment>) -> Result<Update, InvalidColumn> {
        let columns = (self.author_kind, self.author_id, self.author_name);
        let person = (self.person_id, self.person_name);
        let via = (self.via_id, self.via_name);
        let Author { actor, person_id } = Author::read(columns, person, &via, self.case_id.get())?;
        Ok(Update {
            id: self.id.get(),
            timestamp: self.timestamp.0,
            source: update_source(self.source.as_deref(), &actor)?,
            author: actor,
            person_id,
            visibility: parse(&self.visibility, "visibility")?,
            message: parse(&self.message, "update message")?,
            attachments,
        })
    }
}

/// An escalation, with the columns that its event has.
#[derive(Queryable, Deserialize)]
pub struct EscalationRow {
    reason: String,
    level: i32,
    previous_urgency: String,
    new_urgency: String,
    #[serde(rename = "millis")]
    timestamp: DbTimestamp,
    author_kind: String,
    author_id: Option<String>,
    author_name: Option<String>,
}

impl EscalationRow {
    /// Converts the row to an escalation.
    pub fn into_escalation(self) -> Result<Escalation, InvalidColumn> {
        Ok(Escalation {
            timestamp: self.timestamp.0,
            reason: parse(&self.reason, "reason")?,
            by: actor((self.author_kind, self.author_id, self.author_name))?,
            level: checked(self.level, EscalationLevel::new, "level")?,
            previous_urgency: parse(&self.previous_urgency, "previous_urgency")?,
            new_urgency: parse(&self.new_urgency, "new_urgency")?,
        })
    }
}

/// The request from which an event came.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventOriginRow {
    sequence: i64,
    credential: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
}

impl EventOriginRow {
    /// Converts the row to the version that the event made and its origin.
    pub fn into_origin(self) -> Result<(Version, EventOrigin), InvalidColumn> {
        let read = |text: String| -> Result<IpAddr, InvalidColumn> {
            text.parse().map_err(|_| InvalidColumn { column: "event address" })
        };
        let address = self.address.map(read).transpose()?;
        let trace = trace_context(self.traceparent.as_deref(), self.tracestate.as_deref());
        let (credential, request_id) = (self.credential, self.request_id);
        let origin = EventOrigin { credential, address, request_id, trace };
        Ok((checked(self.sequence, Version::new, "sequence")?, origin))
    }
}

/// Reads the position of an event in the feed.
pub fn event_position(position: i64) -> Result<EventPosition, RepositoryError> {
    position.try_into().map(EventPosition).map_err(RepositoryError::internal)
}
