//! Copies of the whole database.

use std::pin::pin;

use engage_domain::AttachmentId;
use engage_domain::attachment::ContentHash;
use engage_repository::{BackupError, CopiedFile, CopyFacts, CopyPart, CopyWriter, TableRows};
use futures_util::{StreamExt, TryStreamExt};
use tokio_postgres::{Client, Row};

use super::session::{SETTINGS, connect, failed, migrations, run};
use super::tables::{self, Table};
use crate::connect::Connector;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";

/// Files that updates have, and complete uploads that an update may still get.
const FILES: &str = "
    SELECT uuid_send(id), size, hash FROM (
        SELECT id, size, hash FROM attachments
        UNION SELECT id, size, hash FROM uploads WHERE size IS NOT NULL
    ) AS files
    ORDER BY id";

/// The same in a database from before there were uploads.
const FILES_WITHOUT_UPLOADS: &str = "SELECT uuid_send(id), size, hash FROM attachments ORDER BY id";

/// Suffix of parts in PostgreSQL's text format, one line for each row.
pub(super) const SUFFIX: &str = ".copy";

/// Copies all tables in one transaction, whose snapshot is the moment of the copy. It locks out changes
/// of the tables, but not of their rows.
pub(super) async fn copy(
    connector: &Connector,
    to: &mut dyn CopyWriter,
) -> Result<CopyFacts, BackupError> {
    let client = connect(connector).await?;
    run(&client, &format!("{BEGIN}{SETTINGS}")).await?;
    let migrations = migrations(&client).await?;
    let found = tables::of(&client).await?;
    if found.is_empty() {
        return Err(BackupError::NothingToCopy);
    }
    let mut counts = Vec::new();
    for table in &found {
        let rows = copy_table(&client, table, to).await?;
        counts.push(TableRows { table: table.name.clone(), rows });
    }
    let has_uploads = found.iter().any(|table| table.name == "uploads");
    name_files(&client, if has_uploads { FILES } else { FILES_WITHOUT_UPLOADS }, to).await?;
    run(&client, "COMMIT").await?;
    Ok(CopyFacts { migrations, tables: counts })
}

/// Copies a table, and returns the number of its rows.
async fn copy_table(
    client: &Client,
    table: &Table,
    to: &mut dyn CopyWriter,
) -> Result<u64, BackupError> {
    let Table { name, columns, .. } = table;
    to.begin_part(CopyPart { name: format!("{name}{SUFFIX}"), columns: columns.clone() })?;
    let mut lines = pin!(client.copy_out(&table.copy_out()).await.map_err(failed)?);
    while let Some(bytes) = lines.next().await {
        to.write(&bytes.map_err(failed)?)?;
    }
    // A line feed in a value is written as an escape, so each one ends a row.
    Ok(to.end_part()?)
}

async fn name_files(
    client: &Client,
    query: &str,
    to: &mut dyn CopyWriter,
) -> Result<(), BackupError> {
    let parameters: [&str; 0] = [];
    let mut rows = pin!(client.query_raw(query, parameters).await.map_err(failed)?);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        to.name_file(&file(&row)?)?;
    }
    Ok(())
}

fn file(row: &Row) -> Result<CopiedFile, BackupError> {
    let id: &[u8] = row.try_get(0).map_err(failed)?;
    let size: i64 = row.try_get(1).map_err(failed)?;
    let hash: &[u8] = row.try_get(2).map_err(failed)?;
    Ok(CopiedFile {
        id: AttachmentId::from_u128(u128::from_be_bytes(
            id.try_into().map_err(BackupError::database)?,
        )),
        size: u64::try_from(size).map_err(BackupError::database)?,
        hash: ContentHash::from_bytes(hash.try_into().map_err(BackupError::database)?),
    })
}
