//! Restoration of a database file.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use engage_migrations::SQLITE as MIGRATIONS;
use engage_repository::{BackupError, CopyFacts, CopyReader, Restored, WaitingNotifications};
use engage_sql::{HELD_REASON, check_known};
use tempfile::NamedTempFile;

use super::{PART, facts};
use crate::clock::now;
use crate::connection::url_of;
use crate::database_file::{lock_as_server, open_migrated, prepare_folder};
use crate::open_error::OpenError;

const WAITING: &str = "notifications WHERE status IN ('PENDING', 'IN_FLIGHT')";

/// Makes dead letters of what waits.
const HOLD: &str = "
    UPDATE notifications
    SET status = 'DEAD', finished_at = ?, last_error = ?, held_back_at = NULL
    WHERE status IN ('PENDING', 'IN_FLIGHT')";

/// Folds the write-ahead log into the file, which is then complete by itself.
const FOLD: &str = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;";

/// Checks that the file is empty, or does not exist, and that no server uses it.
pub(super) fn check_target(path: &Path, copied: &CopyFacts) -> Result<(), BackupError> {
    check_known::<Sqlite>(&MIGRATIONS, &copied.migrations)?;
    let _lock = lock(path)?;
    check_empty(path)
}

/// Replaces the file. The new one is complete and checked before it takes the place of the old one.
pub(super) fn restore(
    path: &Path,
    from: &dyn CopyReader,
    waiting: WaitingNotifications,
) -> Result<Restored, BackupError> {
    check_known::<Sqlite>(&MIGRATIONS, &from.facts().migrations)?;
    // A server cannot start until the file is in place.
    let _lock = lock(path)?;
    check_empty(path)?;
    let folder = folder_of(path);
    let mut new = NamedTempFile::with_prefix_in(".engage-restored-", folder)?;
    io::copy(&mut from.open(PART)?, new.as_file_mut())?;
    check(new.path(), from.facts())?;
    let restored = finish(new.path(), waiting)?;
    new.as_file().sync_all()?;
    set_aside(path)?;
    new.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(restored)
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Acquires the lock of a server. The folder is created if it is missing.
fn lock(path: &Path) -> Result<File, BackupError> {
    let locked = prepare_folder(path).and_then(|()| lock_as_server(path));
    locked.map_err(|error| match error {
        OpenError::InUse(_) => BackupError::InUse,
        other => BackupError::database(other),
    })
}

fn open(path: &Path) -> Result<SqliteConnection, BackupError> {
    SqliteConnection::establish(&url_of(path)).map_err(BackupError::database)
}

fn check_empty(path: &Path) -> Result<(), BackupError> {
    if !path.exists() {
        return Ok(());
    }
    let mut connection = open(path)?;
    let tables = facts::tables(&mut connection)?;
    if tables.is_empty() {
        return Ok(());
    }
    // A file of another program has neither.
    let cases = facts::count(&mut connection, "cases")?;
    let staff = facts::count(&mut connection, "staff")?;
    if cases == 0 && staff == 0 { Ok(()) } else { Err(BackupError::NotEmpty { cases, staff }) }
}

/// Checks a restored file before anything is changed in it.
fn check(path: &Path, expected: &CopyFacts) -> Result<(), BackupError> {
    let mut connection = open(path)?;
    let findings = facts::texts(
        &mut connection,
        "SELECT integrity_check AS text FROM pragma_integrity_check",
    )?;
    if findings != ["ok"] {
        return Err(BackupError::Damaged(findings.join("; ")));
    }
    let orphans = "SELECT \"table\" || ' refers to a missing row of ' || \"parent\" AS text \
                   FROM pragma_foreign_key_check LIMIT 10";
    let orphans = facts::texts(&mut connection, orphans)?;
    if !orphans.is_empty() {
        return Err(BackupError::Damaged(orphans.join("; ")));
    }
    if facts::of(&mut connection)? != *expected {
        return Err(BackupError::Damaged("it has other rows than its description".to_owned()));
    }
    Ok(())
}

/// Migrates a restored file, and holds its waiting notifications if that is wanted.
fn finish(path: &Path, waiting: WaitingNotifications) -> Result<Restored, BackupError> {
    let mut connection = open_migrated(&url_of(path), path).map_err(BackupError::database)?;
    let waiting_notifications = facts::count(&mut connection, WAITING)?;
    if waiting == WaitingNotifications::Hold {
        diesel::sql_query(HOLD)
            .bind::<BigInt, _>(now())
            .bind::<Text, _>(HELD_REASON)
            .execute(&mut connection)
            .map_err(BackupError::database)?;
    }
    connection.batch_execute(FOLD).map_err(BackupError::database)?;
    Ok(Restored { waiting_notifications })
}

/// Removes the log of the old file, which SQLite would otherwise apply to the new one.
fn set_aside(path: &Path) -> Result<(), BackupError> {
    if path.exists() {
        open(path)?.batch_execute(FOLD).map_err(BackupError::database)?;
    }
    for suffix in ["-wal", "-shm"] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
