use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use engage_repository::RepositoryError;

use crate::error::repository_error;

/// Has all be overwritten that something deletes, also in pages that are not used again. What it
/// deletes from the index of words is written when its transaction ends.
pub(crate) fn without_traces<T>(
    connection: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError>,
) -> Result<T, RepositoryError> {
    connection.batch_execute("PRAGMA secure_delete = ON").map_err(repository_error)?;
    let outcome = body(connection);
    connection.batch_execute("PRAGMA secure_delete = FAST").map_err(repository_error)?;
    outcome
}
