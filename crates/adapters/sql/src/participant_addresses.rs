//! The addresses of the participants of cases, by which lists find the cases of a person.

use engage_domain::event::Change;
use engage_domain::{Case, CaseId, Event};
use serde::Serialize;

use crate::db_id::DbId;

/// Addresses of the participants of a case after a change of them.
#[derive(Debug, Clone, Serialize)]
pub struct ParticipantAddresses {
    /// Id of the case.
    pub case_id: DbId<CaseId>,
    /// Addresses of those who have neither left nor been removed, in ASCII and lower case.
    pub addresses: Vec<String>,
}

impl ParticipantAddresses {
    /// Returns the addresses, or `None` if the event left the participants as they were.
    pub fn of(case: &Case, event: &Event) -> Option<Self> {
        let is_of_participants = |change: &Change| matches!(change, Change::Participant { .. });
        if !event.changes.iter().any(is_of_participants) {
            return None;
        }
        let present = case.facts().participants.iter().filter(|one| one.is_present());
        let addresses = present.map(|one| one.email.normalized()).collect();
        Some(Self { case_id: event.case_id.into(), addresses })
    }
}
