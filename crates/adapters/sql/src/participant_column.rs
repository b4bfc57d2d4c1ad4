//! The participants of a case as one column of JSON.

use engage_domain::{Actor, Participant};
use engage_repository::RepositoryError;
use serde::{Deserialize, Serialize};

use crate::column::{parse, parse_option};
use crate::error::InvalidColumn;
use crate::history_rows::{ActorColumns, actor, actor_columns};

const COLUMN: &str = "participants";

/// A participant in the column.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredParticipant {
    id: String,
    name: Option<String>,
    email: String,
    state: String,
    added_by: StoredActor,
    reads_from: String,
    /// Absent in what programs of the release before wrote.
    #[serde(default)]
    proven: bool,
}

/// The customer, a member of staff or the system. Participants and machines add nobody.
#[derive(Serialize, Deserialize)]
struct StoredActor {
    kind: String,
    id: Option<String>,
    name: Option<String>,
}

impl StoredActor {
    fn new(by: &Actor) -> Self {
        let (kind, id, name): ActorColumns = actor_columns(by);
        Self { kind, id, name }
    }
}

impl StoredParticipant {
    fn new(participant: &Participant) -> Self {
        Self {
            id: participant.id.to_string(),
            name: participant.name.as_ref().map(ToString::to_string),
            email: participant.email.to_string(),
            state: participant.state.to_string(),
            added_by: StoredActor::new(&participant.added_by),
            reads_from: participant.reads_from.to_string(),
            proven: participant.proven,
        }
    }

    fn into_participant(self) -> Result<Participant, InvalidColumn> {
        let StoredActor { kind, id, name } = self.added_by;
        Ok(Participant {
            id: parse(&self.id, COLUMN)?,
            name: parse_option(self.name.as_deref(), COLUMN)?,
            email: parse(&self.email, COLUMN)?,
            state: parse(&self.state, COLUMN)?,
            added_by: actor((kind, id, name))?,
            reads_from: parse(&self.reads_from, COLUMN)?,
            proven: self.proven,
        })
    }
}

/// Returns the participants as they are stored, or `None` if there are none.
pub(crate) fn participant_column(
    participants: &[Participant],
) -> Result<Option<String>, RepositoryError> {
    if participants.is_empty() {
        return Ok(None);
    }
    let stored: Vec<_> = participants.iter().map(StoredParticipant::new).collect();
    serde_json::to_string(&stored).map(Some).map_err(RepositoryError::internal)
}

/// Reads the participants of a case.
pub(crate) fn participants(column: Option<&str>) -> Result<Vec<Participant>, InvalidColumn> {
    let Some(json) = column else { return Ok(Vec::new()) };
    let stored: Vec<StoredParticipant> =
        serde_json::from_str(json).map_err(|_| InvalidColumn { column: COLUMN })?;
    stored.into_iter().map(StoredParticipant::into_participant).collect()
}
