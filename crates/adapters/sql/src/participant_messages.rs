//! Notifications to the participants of a case.

use engage_domain::{CaseId, Event, Participant, PersonId};
use engage_repository::AccessGeneration;
use serde::Serialize;

use crate::column::access_generation;
use crate::db_id::DbId;
use crate::error::InvalidColumn;
use crate::participant_access::participant_generations;
use crate::participant_column::participants;

/// Reason for cancelling the notifications to somebody who is gone. A statement contains it, so it has
/// neither quotes nor question marks.
pub const NO_LONGER_TAKES_PART: &str = "the person no longer takes part in the case";

/// A participation that a change of a case ends.
#[derive(Debug, Clone, Serialize)]
pub struct EndedParticipation {
    /// Id of the case.
    pub case_id: DbId<CaseId>,
    /// Person who no longer takes part.
    pub person_id: DbId<PersonId>,
}

impl EndedParticipation {
    /// Returns those that an event ended.
    pub fn of(event: &Event) -> Vec<Self> {
        let case_id = event.case_id.into();
        let people = event.ended_participations();
        people.map(|person| Self { case_id, person_id: person.into() }).collect()
    }
}

/// The recipient of a claimed notification, if it is a participant, and the generation of their proofs.
#[derive(Debug)]
pub struct MessageRecipient {
    /// The participant. `None` for the customer, staff and endpoints.
    pub person: Option<PersonId>,
    /// Participants of the case, if the recipient is one.
    pub participants: Vec<Participant>,
    /// Generation of the proofs of the participant, or else of the customer.
    pub access_generation: AccessGeneration,
}

impl MessageRecipient {
    /// Converts the columns of a notification and of its case. `stored` has the participants and their
    /// generations, and is not read for another recipient.
    pub fn new(
        person: Option<DbId<PersonId>>,
        of_customer: i32,
        stored: (Option<&str>, Option<&str>),
    ) -> Result<Self, InvalidColumn> {
        let Some(person) = person.map(DbId::get) else {
            let access_generation = access_generation(of_customer)?;
            return Ok(Self { person: None, participants: Vec::new(), access_generation });
        };
        Ok(Self {
            person: Some(person),
            participants: participants(stored.0)?,
            access_generation: participant_generations(stored.1)?.of(person),
        })
    }
}
