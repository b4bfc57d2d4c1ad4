//! Removal of stored texts and files of a case, by erasures and redactions.

use diesel::prelude::*;
use engage_domain::text::ERASED;
use engage_domain::{AttachmentId, CaseId, EventId};
use engage_sql::DbId;

use crate::sql::execute;

const SNAPSHOT: &str =
    "UPDATE events SET snapshot = ? WHERE id = ? AND case_id = ? AND sequence < ?";

/// Files become incomplete uploads that expired long ago, so that no query finds them. Those that were
/// uploads before become uploads again.
const RELEASE: &str = "
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 0, NULL, NULL FROM attachments WHERE id = ?
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL";

const TAKE: &str = "DELETE FROM attachments WHERE id = ?";

/// Replaces snapshots of events of a case from before a version.
pub(crate) fn replace_snapshots(
    connection: &mut SqliteConnection,
    case: DbId<CaseId>,
    before: i64,
    snapshots: &[(EventId, String)],
) -> QueryResult<()> {
    for (id, snapshot) in snapshots {
        let id = DbId::from(*id);
        let values = [snapshot.as_str().into(), id.into(), case.into(), before.into()];
        execute(connection, SNAPSHOT, values)?;
    }
    Ok(())
}

/// Detaches files from their updates, and leaves their contents to be deleted.
pub(crate) fn release_files(
    connection: &mut SqliteConnection,
    files: &[DbId<AttachmentId>],
) -> QueryResult<()> {
    for file in files {
        execute(connection, RELEASE, [ERASED.into(), (*file).into()])?;
        execute(connection, TAKE, [(*file).into()])?;
    }
    Ok(())
}
