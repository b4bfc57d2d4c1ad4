//! Revision of what was stored of a case before.

use diesel::prelude::*;
use engage_domain::{AttachmentId, CaseId};
use engage_repository::{PeopleErasure, Revision};
use engage_sql::{
    DbId, ErasureSpelling, SqlId, cancel_former, people_erasure_statements, revision_statements,
};

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

/// Selects the files of a participant.
const FILES_OF_PERSON: &str = "
    SELECT attachments.id FROM attachments JOIN updates ON updates.id = attachments.update_id
    WHERE updates.case_id = ? AND updates.person_id = ?";

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
    if let Some(people) = &revision.people {
        erase_people(connection, case, before, people)?;
    }
    if revision.renews_words {
        let words = words_of(connection, case)?;
        replace_words(connection, case, &words)?;
    }
    Ok(())
}

fn erase_people(
    connection: &mut SqliteConnection,
    case: DbId<CaseId>,
    before: i64,
    erasure: &PeopleErasure,
) -> QueryResult<()> {
    let now = now().to_string();
    let spelling = ErasureSpelling { id: "lower(hex(id))", now: &now };
    for statement in people_erasure_statements(case.get(), erasure, spelling) {
        statement.execute(connection)?;
    }
    replace_snapshots(connection, case, before, &erasure.snapshots)?;
    for person in &erasure.people {
        let values = [case.into(), DbId::from(*person).into()];
        let files: Sql<SqlId> = Sql::prepared(FILES_OF_PERSON, values);
        let files: Vec<DbId<AttachmentId>> = files.load(connection)?;
        release_files(connection, &files)?;
    }
    Ok(())
}
