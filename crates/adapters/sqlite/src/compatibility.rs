//! The check that this program can work on tables that a newer one may have migrated.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::EmbeddedMigrations;
use engage_sql::{check_compatibility, newest_migration};

use crate::open_error::OpenError;

const IS_STATED: &str =
    "SELECT name AS found FROM sqlite_schema WHERE name = 'schema_compatibility'";

const STATED: &str = "SELECT max(compatible_from) AS found FROM schema_compatibility";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    found: Option<String>,
}

/// Rejects tables that a newer program has changed in ways that this one does not support.
pub(crate) fn check(
    connection: &mut SqliteConnection,
    migrations: &EmbeddedMigrations,
) -> Result<(), OpenError> {
    let failed = |cause: diesel::result::Error| OpenError::Migrate(cause.into());
    if find(connection, IS_STATED).map_err(failed)?.is_none() {
        return Ok(());
    }
    let needed = find(connection, STATED).map_err(failed)?;
    let own = newest_migration::<Sqlite>(migrations).map_err(OpenError::Migrate)?;
    Ok(check_compatibility(needed, own)?)
}

fn find(connection: &mut SqliteConnection, query: &str) -> QueryResult<Option<String>> {
    let rows: Vec<Row> = diesel::sql_query(query).load(connection)?;
    Ok(rows.into_iter().find_map(|row| row.found))
}
