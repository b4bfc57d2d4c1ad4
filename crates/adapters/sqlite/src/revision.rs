//! Revision of what was stored of a case before.

use diesel::prelude::*;
use engage_domain::{AttachmentId, CaseId};
use engage_repository::Revision;
use engage_sql::{DbId, SqlId, cancel_former, revision_statements};

use crate::backfill::words_of;
use crate::clock::now;
use crate::error::WorkResult;
use crate::removal::{release_files, replace_snapshots};
use crate::search::replace_words;
use crate::sql::Sql;

/// Selects a file if it belongs to the case.
const FILE: &str = "
    SELECT attachments.id FROM attachments JOIN updates ON updates.id = attachments.update_id
    WHERE attachments.id = ? AND updates.case_id = ?";

/// Revises what was stored before a version, in the transaction of the caller, which has written the
/// case.
pub(crate) fn revise(
    connection: &mut SqliteConnection,
    case: DbId<CaseId>,
    before: i64,
    revision: &Revision,
) -> WorkResult<()> {
    for statement in revision_statements(case.get(), revision) {
        statement.execute(connection)?;
    }
    for address in &revision.former_addresses {
        cancel_former(case.get(), address, &now().to_string()).execute(connection)?;
    }
    if let Some(redaction) = &revision.redaction {
        replace_snapshots(connection, case, before, &redaction.snapshots)?;
        if let Some(file) = redaction.attachment {
            let file: Sql<SqlId> = Sql::prepared(FILE, [DbId::from(file).into(), case.into()]);
            let files: Vec<DbId<AttachmentId>> = file.load(connection)?;
            release_files(connection, &files)?;
        }
    }
    if revision.renews_words {
        let words = words_of(connection, case)?;
        replace_words(connection, case, &words)?;
    }
    Ok(())
}
