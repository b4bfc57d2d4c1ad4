//! Deletion without traces in the files of the database.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use tokio::time::sleep;

use crate::connection::set_patience;
use crate::error::WorkResult;
use crate::writer::Writer;

/// Maximum number of free pages that an erasure overwrites, while other writes wait: 64 MiB.
const MOST_FREE_PAGES: i64 = 16 * 1024;

/// Maximum number of attempts to empty the write-ahead log.
const ATTEMPTS_TO_EMPTY: u32 = 100;

/// Pause between attempts to empty the write-ahead log.
const BEFORE_ANOTHER: Duration = Duration::from_millis(200);

/// Runs deletions so that SQLite overwrites all deleted content, also in pages that are not reused.
/// Deletions from the index of words are written when their transaction ends.
pub(crate) fn without_traces<T>(
    connection: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> WorkResult<T>,
) -> WorkResult<T> {
    connection.batch_execute("PRAGMA secure_delete = ON")?;
    let outcome = body(connection);
    connection.batch_execute("PRAGMA secure_delete = FAST")?;
    outcome
}

/// Overwrites free pages, which still have the content from when they were last used, such as merged
/// parts of the index of words. A temporary table takes all of them at once.
pub(crate) fn overwrite_free_pages(connection: &mut SqliteConnection) -> WorkResult<()> {
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
pub(crate) async fn empty_log(writer: Writer) {
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
