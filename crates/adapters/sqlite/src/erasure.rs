//! Erasure of the personal data of a case.

use std::time::Duration;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use engage_domain::{AttachmentId, CaseId, ERASED, ERASED_EMAIL, ERASED_PHONE};
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use engage_sql::{DbId, SqlId, repository_error};
use tokio::time::sleep;

use crate::audit_rows::append;
use crate::clock::now;
use crate::connection::set_patience;
use crate::search::{WordsRow, replace_words};
use crate::secure_delete::without_traces;
use crate::sql::{Sql, Value, execute};
use crate::store::SqliteStore;
use crate::writer::{Writer, in_transaction};

const SNAPSHOT: &str =
    "UPDATE events SET snapshot = ? WHERE id = ? AND case_id = ? AND sequence < ?";

const UPDATES: &str = "UPDATE updates SET message = ? WHERE case_id = ? AND sequence < ?";

const ESCALATIONS: &str = "UPDATE escalations SET reason = ? WHERE case_id = ? AND sequence < ?";

const FILES: &str = "
    SELECT attachments.id FROM attachments JOIN updates ON updates.id = attachments.update_id
    WHERE updates.case_id = ? AND updates.sequence < ?";

/// Files become incomplete uploads that expired long ago, so that no query finds them. Those that were
/// uploads before become uploads again.
const RELEASE: &str = "
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 0, NULL, NULL FROM attachments WHERE id = ?
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL";

const TAKE: &str = "DELETE FROM attachments WHERE id = ?";

/// The notifications of earlier events. Access codes belong to the first event.
const OF_CASE: &str = " event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

/// Notifications with a notice inform staff of an endpoint, and contain nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND";

const ADDRESSES: &str = "
    UPDATE notifications SET address = CASE channel WHEN 'EMAIL' THEN ? ELSE ? END
    WHERE channel <> 'WEBHOOK' AND template LIKE '%-customer' AND";

const ERRORS: &str = "UPDATE notifications SET last_error = ? WHERE last_error IS NOT NULL AND";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ?
    WHERE reason IS NOT NULL AND notification_id IN (
        SELECT notifications.id FROM notifications JOIN events ON events.id = event_id
        WHERE events.case_id = ? AND events.sequence < ?
    )";

const ANSWERS: &str = "DELETE FROM idempotency_keys WHERE case_id = ? AND version < ?";

const CODES: &str = "DELETE FROM access_codes WHERE case_id = ?";

/// Client addresses of changes.
const ORIGINS: &str = "UPDATE events SET address = NULL WHERE case_id = ? AND sequence < ?";

/// Values in the audit log. The entries stay.
const AUDIT: &str = "DELETE FROM audit_values WHERE case_id = ?";

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

/// Maximum number of free pages that an erasure overwrites, while other writes wait: 64 MiB.
const MOST_FREE_PAGES: i64 = 16 * 1024;

/// Maximum number of attempts to empty the write-ahead log.
const ATTEMPTS_TO_EMPTY: u32 = 100;

/// Pause between attempts to empty the write-ahead log.
const BEFORE_ANOTHER: Duration = Duration::from_millis(200);

#[async_trait]
impl ErasureRepository for SqliteStore {
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError> {
        let record = self.record().cloned();
        let erase = move |connection: &mut _| {
            without_traces(connection, |connection| {
                let files = in_transaction(connection, |connection| {
                    let files = erase(connection, &erasure)?;
                    if let Some(record) = &record {
                        append(connection, record)?;
                    }
                    Ok(files)
                })?;
                in_transaction(connection, overwrite_free_pages)?;
                Ok(files)
            })
        };
        let files = self.writer().run(erase).await?;
        tokio::spawn(empty_log(self.writer().clone()));
        Ok(files.into_iter().map(DbId::get).collect())
    }
}

/// Overwrites free pages, which still have the content from when they were last used, such as merged
/// parts of the index of words. A temporary table takes all of them at once.
fn overwrite_free_pages(connection: &mut SqliteConnection) -> Result<(), RepositoryError> {
    let count = diesel::sql_query("SELECT freelist_count AS count FROM pragma_freelist_count");
    let free = count.get_result::<FreePages>(connection).map_err(repository_error)?.count;
    if free > MOST_FREE_PAGES {
        tracing::warn!(free, "the database has too many free pages to overwrite them; run VACUUM");
        return Ok(());
    }
    if free == 0 {
        return Ok(());
    }
    connection
        .batch_execute(&format!(
            "CREATE TABLE free_pages (content BLOB);
             INSERT INTO free_pages
             SELECT zeroblob({free} * page_size) FROM pragma_page_size;
             DROP TABLE free_pages;"
        ))
        .map_err(repository_error)
}

#[derive(QueryableByName)]
struct FreePages {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Writes the write-ahead log to the file and empties it, because it has pages from before the erasure.
/// That is not possible while a reader uses an earlier state.
async fn empty_log(writer: Writer) {
    for _ in 0..ATTEMPTS_TO_EMPTY {
        match writer.run(checkpoint).await {
            Ok(true) => return,
            Ok(false) => sleep(BEFORE_ANOTHER).await,
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log of the database cannot be emptied");
                return;
            }
        }
    }
    tracing::warn!(
        "the write-ahead log of the database still contains erased data, because it was always being \
         read; it is emptied when the server stops"
    );
}

/// Tries to empty the write-ahead log. Returns whether it is empty.
fn checkpoint(connection: &mut SqliteConnection) -> Result<bool, RepositoryError> {
    // Other writes wait meanwhile, so this one does not wait for readers.
    connection.batch_execute("PRAGMA busy_timeout = 0").map_err(repository_error)?;
    let outcome = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").load(connection);
    set_patience(connection).map_err(repository_error)?;
    let rows: Vec<Checkpoint> = outcome.map_err(repository_error)?;
    Ok(rows.iter().all(|row| row.busy == 0))
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

fn erase(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
) -> Result<Vec<DbId<AttachmentId>>, RepositoryError> {
    let case = DbId::from(erasure.case);
    replace_words(connection, case, &WordsRow::from(&erasure.words))?;
    erase_rows(connection, erasure, case).map_err(repository_error)
}

fn erase_rows(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
    case: DbId<CaseId>,
) -> QueryResult<Vec<DbId<AttachmentId>>> {
    let case = || Value::from(case);
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let of_case = |statement: &str| format!("{statement}{OF_CASE}");
    execute(connection, PROOFS, [case()])?;
    for (id, snapshot) in &erasure.snapshots {
        let values = [snapshot.as_str().into(), DbId::from(*id).into(), case(), before()];
        execute(connection, SNAPSHOT, values)?;
    }
    execute(connection, UPDATES, [erased(), case(), before()])?;
    execute(connection, ESCALATIONS, [erased(), case(), before()])?;
    execute(connection, &of_case(CANCEL), [now().into(), case(), before()])?;
    let nobody = [ERASED_EMAIL.into(), ERASED_PHONE.into(), case(), before()];
    execute(connection, &of_case(ADDRESSES), nobody)?;
    execute(connection, &of_case(ERRORS), [erased(), case(), before()])?;
    execute(connection, ATTEMPTS, [erased(), case(), before()])?;
    execute(connection, ANSWERS, [case(), before()])?;
    execute(connection, CODES, [case()])?;
    execute(connection, AUDIT, [case()])?;
    execute(connection, ORIGINS, [case(), before()])?;
    let files: Sql<SqlId> = Sql::prepared(FILES, [case(), before()]);
    let files: Vec<DbId<AttachmentId>> = files.load(connection)?;
    for file in &files {
        execute(connection, RELEASE, [erased(), (*file).into()])?;
        execute(connection, TAKE, [(*file).into()])?;
    }
    Ok(files)
}
