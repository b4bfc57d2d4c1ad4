//! Revision of what was stored of a case before.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::{AttachmentId, CaseId, NotificationId};
use engage_repository::{PeopleErasure, Revision};
use engage_sql::schema::cases;
use engage_sql::{
    CaseRow, DbId, ErasureSpelling, SqlId, cancel_former, people_erasure_statements,
    revision_statements,
};

use crate::backfill::{updates_of, words_text};
use crate::removal::{release_file, release_files_of_person, replace_snapshots};
use crate::sql::{Sql, execute};

/// Locks them in the same order as completions and erasures do.
const LOCK: &str = "
    SELECT id FROM notifications
    WHERE event_id IN (SELECT id FROM events WHERE case_id = ?) ORDER BY id FOR UPDATE";

const WORDS: &str = "UPDATE case_search SET words = ?::tsvector WHERE case_id = ?";

/// Locks the notifications of a case, of which the change may cancel some. Must come before the commit
/// locks the case, as in an erasure.
pub(crate) async fn lock_notifications(
    connection: &mut AsyncPgConnection,
    case: DbId<CaseId>,
) -> QueryResult<()> {
    let lock: Sql<SqlId> = Sql::prepared(LOCK, [case.into()]);
    lock.load::<DbId<NotificationId>>(connection).await.map(drop)
}

/// Revises what was stored before a version, in the transaction of the caller, which has written the
/// case.
pub(crate) async fn revise(
    connection: &mut AsyncPgConnection,
    case: DbId<CaseId>,
    before: i64,
    revision: &Revision,
) -> QueryResult<()> {
    for statement in revision_statements(case.get(), revision) {
        statement.execute(connection).await?;
    }
    for address in &revision.former_addresses {
        cancel_former(case.get(), address, "now()").execute(connection).await?;
    }
    if let Some(redaction) = &revision.redaction {
        replace_snapshots(case, before, &redaction.snapshots).execute(connection).await?;
        if let Some(file) = redaction.attachment {
            let release = release_file(case, file.into());
            release.load::<DbId<AttachmentId>>(connection).await?;
        }
    }
    if let Some(people) = &revision.people {
        erase_people(connection, case, before, people).await?;
    }
    if revision.renews_words {
        renew_words(connection, case).await?;
    }
    Ok(())
}

async fn erase_people(
    connection: &mut AsyncPgConnection,
    case: DbId<CaseId>,
    before: i64,
    erasure: &PeopleErasure,
) -> QueryResult<()> {
    let spelling = ErasureSpelling { id: "replace(id::text, '-', '')", now: "now()" };
    for statement in people_erasure_statements(case.get(), erasure, spelling) {
        statement.execute(connection).await?;
    }
    replace_snapshots(case, before, &erasure.snapshots).execute(connection).await?;
    for person in &erasure.people {
        let release = release_files_of_person(case, (*person).into());
        release.load::<DbId<AttachmentId>>(connection).await?;
    }
    Ok(())
}

async fn renew_words(connection: &mut AsyncPgConnection, case: DbId<CaseId>) -> QueryResult<()> {
    let select = cases::table.filter(cases::id.eq(case)).select(CaseRow::as_select());
    let rows: Vec<CaseRow> = select.load(connection).await?;
    let mut updates = updates_of(connection, &rows).await?;
    for row in rows {
        let words = words_text(row, updates.remove(&case).unwrap_or_default());
        let words = words.map_err(|error| DieselError::DeserializationError(error.into()))?;
        execute(connection, WORDS, [words.into(), case.into()]).await?;
    }
    Ok(())
}
