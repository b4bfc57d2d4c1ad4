use diesel::prelude::*;
use engage_repository::RepositoryError;

use crate::error::repository_error;
use crate::schema::directory;

/// The version that the connection sees.
pub(crate) fn directory_version(connection: &mut SqliteConnection) -> Result<i64, RepositoryError> {
    directory::table.select(directory::version).first(connection).map_err(repository_error)
}
