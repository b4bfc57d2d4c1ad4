//! Descriptions of database files.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use engage_domain::AttachmentId;
use engage_domain::attachment::ContentHash;
use engage_repository::{BackupError, CopiedFile, CopyFacts, TableRows};

/// Tables of Engage. The index of words consists of tables of its own, which the words' module owns.
const TABLES: &str = "
    SELECT name AS text FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'case\\_words%' ESCAPE '\\'
    ORDER BY name";

const MIGRATIONS: &str = "SELECT version AS text FROM __diesel_schema_migrations ORDER BY version";

/// Files that updates have, and complete uploads that an update may still get.
const FILES: &str = "
    SELECT id, size, hash FROM attachments
    UNION SELECT id, size, hash FROM uploads WHERE size IS NOT NULL
    ORDER BY id";

/// The same in a file from before there were uploads.
const FILES_WITHOUT_UPLOADS: &str = "SELECT id, size, hash FROM attachments ORDER BY id";

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct FileRow {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

/// Returns the first column of a query, which is named `text`.
pub(super) fn texts(
    connection: &mut SqliteConnection,
    query: &str,
) -> Result<Vec<String>, BackupError> {
    let rows: Vec<TextRow> =
        diesel::sql_query(query).load(connection).map_err(BackupError::database)?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

/// Counts the rows of a table, or those that a condition after its name selects.
pub(super) fn count(connection: &mut SqliteConnection, table: &str) -> Result<u64, BackupError> {
    let query = format!("SELECT count(*) AS count FROM {table}");
    let row: CountRow =
        diesel::sql_query(query).get_result(connection).map_err(BackupError::database)?;
    u64::try_from(row.count).map_err(BackupError::database)
}

/// Lists the tables of a file. A new file has none.
pub(super) fn tables(connection: &mut SqliteConnection) -> Result<Vec<String>, BackupError> {
    texts(connection, TABLES)
}

/// Describes a file.
pub(super) fn of(connection: &mut SqliteConnection) -> Result<CopyFacts, BackupError> {
    let migrations = texts(connection, MIGRATIONS)?;
    let mut counts = Vec::new();
    for table in tables(connection)? {
        let rows = count(connection, &format!("\"{table}\""))?;
        counts.push(TableRows { table, rows });
    }
    Ok(CopyFacts { migrations, tables: counts })
}

/// Passes on the files that a database refers to, in the order of their ids.
pub(super) fn each_file(
    connection: &mut SqliteConnection,
    mut pass_on: impl FnMut(&CopiedFile) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let has_uploads = tables(connection)?.iter().any(|table| table == "uploads");
    let query = if has_uploads { FILES } else { FILES_WITHOUT_UPLOADS };
    let rows = diesel::sql_query(query)
        .load_iter::<FileRow, DefaultLoadingMode>(connection)
        .map_err(BackupError::database)?;
    for row in rows {
        pass_on(&file(&row.map_err(BackupError::database)?)?)?;
    }
    Ok(())
}

fn file(row: &FileRow) -> Result<CopiedFile, BackupError> {
    let id = <[u8; 16]>::try_from(row.id.as_slice()).map_err(BackupError::database)?;
    let hash = <[u8; 32]>::try_from(row.hash.as_slice()).map_err(BackupError::database)?;
    Ok(CopiedFile {
        id: AttachmentId::from_u128(u128::from_be_bytes(id)),
        size: u64::try_from(row.size).map_err(BackupError::database)?,
        hash: ContentHash::from_bytes(hash),
    })
}
