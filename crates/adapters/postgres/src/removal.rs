//! Removal of stored texts and files of a case, by erasures and redactions.

use engage_domain::text::ERASED;
use engage_domain::{AttachmentId, CaseId, EventId, PersonId};
use engage_sql::{DbId, SqlId};

use crate::sql::Sql;

const SNAPSHOTS: &str = "
    UPDATE events SET snapshot = erased.snapshot
    FROM unnest(?::uuid[], ?::text[]) AS erased (id, snapshot)
    WHERE events.id = erased.id AND events.case_id = ? AND events.sequence < ?";

/// Files become incomplete uploads that expired long ago, so that no query finds them. Those that were
/// uploads before become uploads again.
const FILES: &str = "
    WITH taken AS (
        DELETE FROM attachments USING updates
        WHERE updates.id = attachments.update_id AND updates.case_id = ? AND {which}
        RETURNING attachments.id, attachments.content_type
    )
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 'epoch', NULL, NULL FROM taken
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL
    RETURNING id";

/// Returns the statement that replaces snapshots of events of a case from before a version.
pub(crate) fn replace_snapshots(
    case: DbId<CaseId>,
    before: i64,
    snapshots: &[(EventId, String)],
) -> Sql<()> {
    let (ids, snapshots): (Vec<_>, Vec<_>) =
        snapshots.iter().map(|(id, text)| (DbId::from(*id), text.clone())).unzip();
    Sql::prepared(SNAPSHOTS, [ids.into(), snapshots.into(), case.into(), before.into()])
}

/// Returns the statement that detaches the files of a case from before a version, and selects their ids.
pub(crate) fn release_files_before(case: DbId<CaseId>, before: i64) -> Sql<SqlId> {
    let statement = FILES.replace("{which}", "updates.sequence < ?");
    Sql::prepared(&statement, [case.into(), before.into(), ERASED.into()])
}

/// Returns the statement that detaches a file if it belongs to the case, and selects its id.
pub(crate) fn release_file(case: DbId<CaseId>, file: DbId<AttachmentId>) -> Sql<SqlId> {
    let statement = FILES.replace("{which}", "attachments.id = ?");
    Sql::prepared(&statement, [case.into(), file.into(), ERASED.into()])
}

/// Returns the statement that detaches the files of a participant of the case, and selects their ids.
pub(crate) fn release_files_of_person(case: DbId<CaseId>, person: DbId<PersonId>) -> Sql<SqlId> {
    let statement = FILES.replace("{which}", "updates.person_id = ?");
    Sql::prepared(&statement, [case.into(), person.into(), ERASED.into()])
}
