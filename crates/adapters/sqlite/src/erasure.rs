//! Erasure of the personal data of a case.

use std::time::Duration;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use engage_domain::AttachmentId;
use engage_domain::text::ERASED;
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use engage_sql::{DbId, IS_ERASED, SqlId, erase_statements};
use tokio::time::sleep;

use crate::audit_rows::append;
use crate::clock::now;
use crate::connection::set_patience;
use crate::error::WorkResult;
use crate::search::{WordsRow, replace_words};
use crate::secure_delete::without_traces;
use crate::sql::{Sql, Value, execute};
use crate::store::SqliteStore;
use crate::writer::{Writer, in_transaction};

const SNAPSHOT: &str =
    "UPDATE events SET snapshot = ? WHERE id = ? AND case_id = ? AND sequence < ?";

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

/// Notifications with a notice inform staff of an endpoint, and contain nothing of the case.
const CANCEL: &str = "
    UPDATE notifications SET status = 'CANCELLED', finished_at = ?
    WHERE status IN ('PENDING', 'IN_FLIGHT') AND channel <> 'WEBHOOK' AND notice IS NULL AND ";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ?
    WHERE reason IS NOT NULL AND notification_id IN (
        SELECT notifications.id FROM notifications JOIN events ON events.id = event_id
        WHERE events.case_id = ? AND events.sequence < ?
    )";

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
fn overwrite_free_pages(connection: &mut SqliteConnection) -> WorkResult<()> {
    let count = diesel::sql_query("SELECT freelist_count AS count FROM pragma_freelist_count");
    let free = count.get_result::<FreePages>(connection)?.count;
    if free > MOST_FREE_PAGES {
        tracing::warn!(free, "the database has too many free pages to overwrite them; run VACUUM");
        return Ok(());
    }
    if free == 0 {
        return Ok(());
    }
    Ok(connection.batch_execute(&format!(
        "CREATE TABLE free_pages (content BLOB);
         INSERT INTO free_pages
         SELECT zeroblob({free} * page_size) FROM pragma_page_size;
         DROP TABLE free_pages;"
    ))?)
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
fn checkpoint(connection: &mut SqliteConnection) -> WorkResult<bool> {
    // Other writes wait meanwhile, so this one does not wait for readers.
    connection.batch_execute("PRAGMA busy_timeout = 0")?;
    let outcome = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").load(connection);
    set_patience(connection)?;
    let rows: Vec<Checkpoint> = outcome?;
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
) -> QueryResult<Vec<DbId<AttachmentId>>> {
    replace_words(connection, erasure.case.into(), &WordsRow::from(&erasure.words))?;
    for statement in erase_statements(erasure) {
        statement.execute(connection)?;
    }
    let case = || Value::from(DbId::from(erasure.case));
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    for (id, snapshot) in &erasure.snapshots {
        let values = [snapshot.as_str().into(), DbId::from(*id).into(), case(), before()];
        execute(connection, SNAPSHOT, values)?;
    }
    let cancel = format!("{CANCEL}{IS_ERASED}");
    execute(connection, &cancel, [now().into(), case(), before()])?;
    execute(connection, ATTEMPTS, [erased(), case(), before()])?;
    let files: Sql<SqlId> = Sql::prepared(FILES, [case(), before()]);
    let files: Vec<DbId<AttachmentId>> = files.load(connection)?;
    for file in &files {
        execute(connection, RELEASE, [erased(), (*file).into()])?;
        execute(connection, TAKE, [(*file).into()])?;
    }
    Ok(files)
}
