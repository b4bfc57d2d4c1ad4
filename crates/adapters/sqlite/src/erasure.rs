//! Erasing what a case has gathered about a person.

use std::time::Duration;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};
use engage_domain::{AttachmentId, ERASED, ERASED_EMAIL, ERASED_PHONE};
use engage_repository::{Erasure, ErasureRepository, RepositoryError};
use tokio::time::sleep;

use crate::audit_rows::append;
use crate::case_rows::{id_bits, id_bytes};
use crate::clock::now;
use crate::connection::set_patience;
use crate::error::repository_error;
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

/// Files become uploads that expired long ago and were never finished, so that nobody finds them any
/// more; those that were uploads before are it again.
const RELEASE: &str = "
    INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
    SELECT id, NULL, ?, content_type, 0, NULL, NULL FROM attachments WHERE id = ?
    ON CONFLICT (id) DO UPDATE SET uploaded_by = NULL, filename = excluded.filename,
        created_at = excluded.created_at, size = NULL, hash = NULL";

const TAKE: &str = "DELETE FROM attachments WHERE id = ?";

/// The messages of the events before; those of the first event are joined by codes for the customer.
const OF_CASE: &str = " event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

/// Messages with a text of their own tell staff of an endpoint, and nothing of the case.
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

/// From where changes were asked for.
const ORIGINS: &str = "UPDATE events SET address = NULL WHERE case_id = ? AND sequence < ?";

/// What the audit log says of the case in values; that something was done stays.
const AUDIT: &str = "DELETE FROM audit_values WHERE case_id = ?";

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

/// How many free pages are overwritten for an erasure: 64 MiB of them, while others wait to write.
const MOST_FREE_PAGES: i64 = 16 * 1024;

/// How often to try to empty the log, and how long to wait in between.
const ATTEMPTS_TO_EMPTY: u32 = 100;
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
        let id = |bytes: Vec<u8>| Ok(AttachmentId::from_u128(id_bits(&bytes, "attachment id")?));
        files.into_iter().map(id).collect()
    }
}

/// Overwrites the pages that nothing uses any more: they have what stood there when they were given up,
/// such as parts of the index of words that were merged. It takes all of them at once and gives them
/// back.
fn overwrite_free_pages(connection: &mut SqliteConnection) -> Result<(), RepositoryError> {
    let count = diesel::sql_query("SELECT freelist_count AS count FROM pragma_freelist_count");
    let free = count.get_result::<FreePages>(connection).map_err(repository_error)?.count;
    if free > MOST_FREE_PAGES {
        tracing::warn!(
            free,
            "free pages of the database are not overwritten, there are too many: see VACUUM"
        );
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

/// Writes what is in the log to the file, and empties it: it has the pages as they were before.
/// Readers that look at an earlier state keep that from happening for as long as they do.
async fn empty_log(writer: Writer) {
    for _ in 0..ATTEMPTS_TO_EMPTY {
        match writer.run(checkpoint).await {
            Ok(true) => return,
            Ok(false) => sleep(BEFORE_ANOTHER).await,
            Err(error) => {
                tracing::warn!(%error, "the log of the database cannot be emptied");
                return;
            }
        }
    }
    tracing::warn!(
        "the log of the database was not emptied of what was erased, since somebody reads all the \
         time; it is when the server stops"
    );
}

/// Whether the log is empty afterwards.
fn checkpoint(connection: &mut SqliteConnection) -> Result<bool, RepositoryError> {
    // Writers wait meanwhile, so nobody is waited for.
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
) -> Result<Vec<Vec<u8>>, RepositoryError> {
    let case = id_bytes(erasure.case.as_u128());
    replace_words(connection, &case, &WordsRow::from(&erasure.words))?;
    erase_rows(connection, erasure, &case).map_err(repository_error)
}

fn erase_rows(
    connection: &mut SqliteConnection,
    erasure: &Erasure,
    case: &[u8],
) -> QueryResult<Vec<Vec<u8>>> {
    let case = || Value::from(case.to_vec());
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let of_case = |statement: &str| format!("{statement}{OF_CASE}");
    execute(connection, PROOFS, [case()])?;
    for (id, snapshot) in &erasure.snapshots {
        let id = id_bytes(id.as_u128());
        execute(connection, SNAPSHOT, [snapshot.as_str().into(), id.into(), case(), before()])?;
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
    let files: Sql<Binary> = Sql::prepared(FILES, [case(), before()]);
    let files: Vec<Vec<u8>> = files.load(connection)?;
    for file in &files {
        execute(connection, RELEASE, [erased(), file.clone().into()])?;
        execute(connection, TAKE, [file.clone().into()])?;
    }
    Ok(files)
}
