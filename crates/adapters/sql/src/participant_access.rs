//! Generations of proofs, and codes, of the participants of a case.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engage_domain::{Address, CaseId, NotificationId, PersonId};
use engage_repository::{
    AccessGeneration, NewAccessCode, ParticipantGenerations, RepositoryError, RotatedAccess,
};
use serde::{Deserialize, Serialize};

use crate::column::{access_generation, count_column, millis, parse};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::participant_column::participants;
use crate::schema::{cases, participant_codes};

const COLUMN: &str = "participant_generations";

/// Generations as they are stored.
#[derive(Serialize, Deserialize)]
struct StoredGenerations {
    all: u32,
    people: BTreeMap<String, u32>,
}

/// Reads the generations of the participants of a case.
pub(crate) fn participant_generations(
    column: Option<&str>,
) -> Result<ParticipantGenerations, InvalidColumn> {
    let Some(json) = column else { return Ok(ParticipantGenerations::default()) };
    let StoredGenerations { all, people } =
        serde_json::from_str(json).map_err(|_| InvalidColumn { column: COLUMN })?;
    let people = people.into_iter().map(|(id, own)| Ok((parse(&id, COLUMN)?, own)));
    Ok(ParticipantGenerations { all, people: people.collect::<Result<_, InvalidColumn>>()? })
}

fn generations_column(generations: &ParticipantGenerations) -> Result<String, RepositoryError> {
    let people = generations.people.iter().map(|(id, own)| (id.to_string(), *own)).collect();
    let stored = StoredGenerations { all: generations.all, people };
    serde_json::to_string(&stored).map_err(RepositoryError::internal)
}

/// The columns of a case that decide on access to it. Reading them to write [`AccessColumns`] needs a
/// lock of the row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = cases)]
pub struct AccessRow {
    /// Id of the case.
    pub id: DbId<CaseId>,
    access_generation: i32,
    participants: Option<String>,
    participant_generations: Option<String>,
}

/// The columns of a case with the generations of all proofs.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true)]
pub struct AccessColumns {
    access_generation: i32,
    participant_generations: Option<String>,
}

impl AccessRow {
    /// Starts new generations. Returns the columns to write, if anything changes.
    pub fn rotate(
        &self,
        person: Option<PersonId>,
    ) -> Result<(RotatedAccess, Option<AccessColumns>), RepositoryError> {
        let mut customers = access_generation(self.access_generation)?;
        let mut generations = participant_generations(self.participant_generations.as_deref())?;
        let known = participants(self.participants.as_deref())?;
        let is_customer = |person: PersonId| person.is_customer_of(self.id.get());
        if person.is_none_or(is_customer) {
            customers = AccessGeneration(customers.0.saturating_add(1));
        }
        let rotated = match person {
            None => {
                if !known.is_empty() {
                    generations.rotate_all();
                }
                customers
            }
            Some(person) if is_customer(person) => customers,
            Some(person) if known.iter().any(|participant| participant.id == person) => {
                generations.rotate(person)
            }
            Some(_) => return Ok((RotatedAccess::NoSuchPerson, None)),
        };
        let is_default = generations == ParticipantGenerations::default();
        let columns = AccessColumns {
            access_generation: i32::try_from(customers.0).map_err(RepositoryError::internal)?,
            participant_generations: (!is_default)
                .then(|| generations_column(&generations))
                .transpose()?,
        };
        Ok((RotatedAccess::To(rotated), Some(columns)))
    }

    /// Checks whether a participant who takes part, or left and may come back, has the address.
    pub fn may_get_code(&self, person: PersonId, address: &Address) -> Result<bool, InvalidColumn> {
        let known = participants(self.participants.as_deref())?;
        Ok(known.iter().any(|participant| {
            let has_address = *address == Address::Email(participant.email.clone());
            participant.id == person && participant.may_hold_token() && has_address
        }))
    }
}

/// The last code of a participant, and how many they got lately.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participant_codes)]
pub struct ParticipantCodeRow {
    case_id: DbId<CaseId>,
    person_id: DbId<PersonId>,
    notification_id: DbId<NotificationId>,
    created_at: DbTimestamp,
    tries: i32,
    is_redeemed: bool,
    counted_since: DbTimestamp,
    counted: i32,
}

impl ParticipantCodeRow {
    /// Returns the row of a new code that follows the last one, or `None` if the limit forbids it.
    pub fn following(last: Option<&Self>, code: &NewAccessCode, now: DbTimestamp) -> Option<Self> {
        let since = |earlier: DbTimestamp| now.0.as_millis() - earlier.0.as_millis();
        let limit = &code.limit;
        let counting = last.filter(|last| since(last.counted_since) < millis(limit.within));
        let most = count_column(limit.most);
        let is_too_early = last.is_some_and(|last| since(last.created_at) < millis(limit.apart));
        if is_too_early || counting.is_some_and(|last| last.counted >= most) {
            return None;
        }
        Some(Self {
            case_id: code.case.into(),
            person_id: code.person.into(),
            notification_id: code.message.id.into(),
            created_at: now,
            tries: 0,
            is_redeemed: false,
            counted_since: counting.map_or(now, |last| last.counted_since),
            counted: counting.map_or(1, |last| last.counted.saturating_add(1)),
        })
    }
}
