use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;

use crate::error::WorkResult;

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
