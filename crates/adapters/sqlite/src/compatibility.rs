//! Whether this program works on tables that a newer one may have changed.

use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::EmbeddedMigrations;

use crate::open_error::OpenError;

const IS_STATED: &str =
    "SELECT name AS found FROM sqlite_schema WHERE name = 'schema_compatibility'";

const STATED: &str = "SELECT max(compatible_from) AS found FROM schema_compatibility";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    found: Option<String>,
}

/// Refuses tables that a newer program made what this one does not know.
pub(crate) fn check(
    connection: &mut SqliteConnection,
    migrations: &EmbeddedMigrations,
) -> Result<(), OpenError> {
    let failed = |cause: diesel::result::Error| OpenError::Migrate(cause.into());
    if find(connection, IS_STATED).map_err(failed)?.is_none() {
        return Ok(());
    }
    let stated = find(connection, STATED).map_err(failed)?;
    let own = newest(migrations).map_err(OpenError::Migrate)?;
    match stated {
        Some(needed) if own < needed => Err(OpenError::TooOld { needed, own }),
        _ => Ok(()),
    }
}

fn find(connection: &mut SqliteConnection, query: &str) -> QueryResult<Option<String>> {
    let rows: Vec<Row> = diesel::sql_query(query).load(connection)?;
    Ok(rows.into_iter().find_map(|row| row.found))
}

fn newest(migrations: &EmbeddedMigrations) -> diesel::migration::Result<String> {
    let all: Vec<Box<dyn Migration<Sqlite>>> = migrations.migrations()?;
    Ok(all.iter().map(|one| one.name().version().to_string()).max().unwrap_or_default())
}
