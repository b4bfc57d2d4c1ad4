//! The snapshots of all events of a case.

use std::num::NonZeroU32;

use engage_domain::{Case, CaseNumber, Version};
use engage_notifier::Snapshot;
use engage_repository::{EventHistory, RepositoryError};

use crate::error::CaseError;

/// Number of events read per query.
const PART: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Reads the snapshots of the events of a case from before a version, in order.
pub(crate) async fn snapshots_before<R: std::error::Error + 'static>(
    history: &dyn EventHistory,
    number: &CaseNumber,
    before: Version,
) -> Result<Vec<Snapshot>, CaseError<R>> {
    let mut snapshots = Vec::new();
    let mut after = None;
    loop {
        let part = history.list_case_events(number, after, PART).await?;
        let part = part.ok_or_else(|| CaseError::NotFound(number.clone()))?;
        let is_last = part.len() < PART.get() as usize;
        for text in part {
            let snapshot: Snapshot =
                serde_json::from_str(&text).map_err(RepositoryError::internal)?;
            let sequence = snapshot.data.event.sequence;
            if sequence >= before {
                return Ok(snapshots);
            }
            after = Some(sequence);
            snapshots.push(snapshot);
        }
        if is_last {
            return Ok(snapshots);
        }
    }
}

/// Reads the snapshots of all events that led to the state of a case, in order.
pub(crate) async fn snapshots_of<R: std::error::Error + 'static>(
    history: &dyn EventHistory,
    case: &Case,
) -> Result<Vec<Snapshot>, CaseError<R>> {
    snapshots_before(history, case.number(), case.version().next()).await
}
