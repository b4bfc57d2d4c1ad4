//! The file of a database: its permissions, its lock and its tables.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use engage_migrations::SQLITE as MIGRATIONS;

use crate::backfill::index_words;
use crate::compatibility;
use crate::connection::open_for_writing;
use crate::open_error::OpenError;
use crate::search::forget_deleted_words;

/// Creates the file and its folder if they are missing, with access for the owner only, regardless of
/// the umask. SQLite gives the files beside it the same permissions.
pub(crate) fn prepare(path: &Path) -> Result<(), OpenError> {
    prepare_folder(path)?;
    private_file(path).map(drop)
}

pub(crate) fn prepare_folder(path: &Path) -> Result<(), OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|cause| OpenError::Prepare { path: folder.to_owned(), cause })?;
    }
    Ok(())
}

fn private_file(path: &Path) -> Result<File, OpenError> {
    let opened = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
    opened.map_err(|cause| OpenError::Prepare { path: path.to_owned(), cause })
}

/// Acquires the lock that a server holds while it runs. The operating system releases it however the
/// server ends.
pub(crate) fn lock_as_server(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let file = private_file(&lock_path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(cause)) => Err(OpenError::Prepare { path: lock_path, cause }),
    }
}

pub(crate) fn open_migrated(url: &str, path: &Path) -> Result<SqliteConnection, OpenError> {
    let mut connection = open_for_writing(url)
        .map_err(|cause| OpenError::Connect { path: path.to_owned(), cause })?;
    compatibility::check(&mut connection, &MIGRATIONS)?;
    migrate(&mut connection).map_err(OpenError::Migrate)?;
    index_words(&mut connection).map_err(|cause| OpenError::Migrate(cause.0.into()))?;
    forget_deleted_words(&mut connection).map_err(|cause| OpenError::Migrate(cause.into()))?;
    Ok(connection)
}

/// Migrates without foreign keys: a migration that recreates a table must not empty those that refer to
/// it (<https://sqlite.org/lang_altertable.html>, section 7).
fn migrate(
    connection: &mut SqliteConnection,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    connection.batch_execute("PRAGMA foreign_keys = OFF")?;
    connection.run_pending_migrations(MIGRATIONS)?;
    connection.batch_execute("PRAGMA foreign_keys = ON")?;
    Ok(())
}
