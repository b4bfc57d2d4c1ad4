//! Generations of the proofs of a case's people, as they are read with the case.

use diesel::prelude::*;
use engage_repository::CaseGenerations;

use crate::column::access_generation;
use crate::error::InvalidColumn;
use crate::participant_access::participant_generations;
use crate::schema::cases;

/// The columns of a case with the generations of the proofs of its people.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = cases)]
pub struct GenerationsRow {
    access_generation: i32,
    proof_generation: Option<i32>,
    participant_generations: Option<String>,
}

impl GenerationsRow {
    /// Converts the columns.
    pub fn read(&self) -> Result<CaseGenerations, InvalidColumn> {
        Ok(CaseGenerations {
            customer: access_generation(self.access_generation)?,
            proven_in: self.proof_generation.map(access_generation).transpose()?,
            participants: participant_generations(self.participant_generations.as_deref())?,
        })
    }
}
