use diesel::prelude::*;
use engage_sql::schema::directory;

/// Returns the version of the directory in the view of the connection.
pub(crate) fn directory_version(connection: &mut SqliteConnection) -> QueryResult<i64> {
    directory::table.select(directory::version).first(connection)
}
