//! People in cases that belong to somebody else.

use std::sync::{Arc, Mutex, PoisonError};

use engage_domain::case::WrongActor;
use engage_domain::event::Change;
use engage_domain::{Actor, AttachmentId, Case, EmailAddress, ErasureCounts};
use engage_repository::EventHistory;

use crate::case_changes::Prepared;
use crate::case_snapshots::snapshots_of;
use crate::people_erasure_plan::{FoundPeople, count};
use crate::{CaseChanges, CaseCommand, CaseError, CaseRecords};

/// Finds somebody with one of these addresses in a case of somebody else.
pub(super) async fn find_people(
    history: &dyn EventHistory,
    case: &Case,
    addresses: &[EmailAddress],
) -> Result<Option<FoundPeople>, CaseError<WrongActor>> {
    let snapshots = snapshots_of(history, case).await?;
    Ok(FoundPeople::find(case, snapshots, addresses))
}

/// Erases somebody with one of these addresses from a case of somebody else, in one commit. The
/// contents of their files are deleted after it, or later by the cleanup of unused uploads.
pub(super) async fn erase_people(
    changes: &Arc<CaseChanges>,
    records: &CaseRecords,
    command: CaseCommand,
    addresses: &[EmailAddress],
) -> Result<ErasureCounts, CaseError<WrongActor>> {
    let files: Mutex<Vec<AttachmentId>> = Mutex::default();
    let prepare = |case: &Case, _: &Actor| {
        let (case, files) = (case.clone(), &files);
        async move {
            let found = find_people(&*records.history, &case, addresses).await?;
            // One statement, so a panic elsewhere leaves nothing half done.
            let theirs = found.as_ref().map(FoundPeople::files).unwrap_or_default();
            *files.lock().unwrap_or_else(PoisonError::into_inner) = theirs;
            Ok(Prepared { people: found, ..Prepared::default() })
        }
    };
    let outcome = changes
        .change_prepared(command, prepare, |case, prepared, policies, stamp| {
            let Some(found) = &prepared.people else { return Ok(None) };
            case.erase_people(found.request.clone(), policies, stamp).map(Some)
        })
        .await?;
    let event = outcome.into_changed().and_then(|made| made.event);
    let Some(event) = event else { return Ok(ErasureCounts::default()) };
    let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    records.attachments.delete(&files).await;
    Ok(count(event.changes.iter().filter_map(Change::redaction)))
}
