use diesel::prelude::*;
use engage_repository::RepositoryError;
use engage_sql::repository_error;
use engage_sql::schema::directory;

/// Returns the version of the directory in the view of the connection.
pub(crate) fn directory_version(connection: &mut SqliteConnection) -> Result<i64, RepositoryError> {
    directory::table.select(directory::version).first(connection).map_err(repository_error)
}
