//! Erasures of persons from all cases and contacts.

pub(crate) mod erase;
pub(crate) mod erasure;

use engage_domain::{ErasureCounts, ErasureId, ErasureState};
use engage_repository::PersonErasure;
use serde::Serialize;
use utoipa::ToSchema;

/// The erasure of a person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasureBody {
    /// Id of the erasure. Null for a preview.
    #[schema(value_type = Option<String>, example = "era_01jjg00000e008000000000001")]
    id: Option<ErasureId>,
    /// `RUNNING` until the first pass is complete, then `SECOND_PASS` for an hour, and `DONE` after the
    /// second one. `FAILED` if it was given up: request it again. Null for a preview.
    #[schema(value_type = Option<String>, example = "RUNNING")]
    state: Option<ErasureState>,
    /// Cases of which the person is the customer. They are erased as a whole.
    cases: u64,
    /// Updates of the person in the cases of others.
    entries: u64,
    /// Later updates of others that quote those. They are not erased.
    quotes: u64,
}

impl ErasureBody {
    fn new(id: Option<ErasureId>, state: Option<ErasureState>, counts: ErasureCounts) -> Self {
        let ErasureCounts { cases, entries, quotes } = counts;
        Self { id, state, cases, entries, quotes }
    }
}

/// The erasure of a person, or the preview of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErasureResponse {
    success: bool,
    erasure: ErasureBody,
}

impl ErasureResponse {
    /// Returns the response to a request for a preview.
    fn preview(counts: ErasureCounts) -> Self {
        Self { success: true, erasure: ErasureBody::new(None, None, counts) }
    }

    /// Returns the response to a request for an erasure, which is the same each time.
    fn requested(id: ErasureId) -> Self {
        let (state, counts) = (ErasureState::Running, ErasureCounts::default());
        Self { success: true, erasure: ErasureBody::new(Some(id), Some(state), counts) }
    }
}

impl From<PersonErasure> for ErasureResponse {
    fn from(erasure: PersonErasure) -> Self {
        let PersonErasure { id, state, counts, .. } = erasure;
        Self { success: true, erasure: ErasureBody::new(Some(id), Some(state), counts) }
    }
}
