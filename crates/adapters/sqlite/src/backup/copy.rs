//! Copies of a database file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use engage_repository::{BackupError, CopyFacts, CopyPart, CopyWriter};
use tempfile::NamedTempFile;

use super::{PART, facts};
use crate::connection::url_of;

/// Number of bytes that are copied at once.
const BLOCK: usize = 256 * 1024;

/// Copies a file as of one moment. Readers and the writer of a running server go on meanwhile.
///
/// The file is not migrated, so that it can be backed up by the program that is about to migrate it.
/// Since `VACUUM INTO` writes only what is in use, deleted content is left behind.
pub(super) fn copy(
    path: &Path,
    scratch: &Path,
    to: &mut dyn CopyWriter,
) -> Result<CopyFacts, BackupError> {
    if !path.exists() {
        return Err(BackupError::NothingToCopy);
    }
    let copied = NamedTempFile::with_prefix_in(".engage-copy-", scratch)?;
    let mut connection = open(path)?;
    if facts::tables(&mut connection)?.is_empty() {
        return Err(BackupError::NothingToCopy);
    }
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(url_of(copied.path()))
        .execute(&mut connection)
        .map_err(BackupError::database)?;
    drop(connection);
    to.begin_part(CopyPart { name: PART.to_owned(), columns: Vec::new() })?;
    pass_on(copied.path(), to)?;
    to.end_part()?;
    let mut connection = open(copied.path())?;
    let described = facts::of(&mut connection)?;
    facts::each_file(&mut connection, |file| Ok(to.name_file(file)?))?;
    Ok(described)
}

fn open(path: &Path) -> Result<SqliteConnection, BackupError> {
    let mut connection =
        SqliteConnection::establish(&url_of(path)).map_err(BackupError::database)?;
    connection.batch_execute("PRAGMA busy_timeout = 5000").map_err(BackupError::database)?;
    Ok(connection)
}

/// Passes on a file that SQLite wrote. It is opened by its name, because SQLite may have replaced it.
fn pass_on(path: &Path, to: &mut dyn CopyWriter) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(()),
            length => to.write(&block[..length])?,
        }
    }
}
