use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use engage_repository::RepositoryError;
use engage_sql::repository_error;

/// Runs deletions so that SQLite overwrites all deleted content, also in pages that are not reused.
/// Deletions from the index of words are written when their transaction ends.
pub(crate) fn without_traces<T>(
    connection: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError>,
) -> Result<T, RepositoryError> {
    connection.batch_execute("PRAGMA secure_delete = ON").map_err(repository_error)?;
    let outcome = body(connection);
    connection.batch_execute("PRAGMA secure_delete = FAST").map_err(repository_error)?;
    outcome
}
