use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;
use engage_migrations::SQLITE as MIGRATIONS;
use engage_repository::{AuditRecord, Store};

use crate::backfill::index_words;
use crate::case_number_sequences::LastSequences;
use crate::compatibility;
use crate::compile_options::warn_if_slow;
use crate::connection::{open_for_writing, url_of};
use crate::open_error::OpenError;
use crate::outbox::{LastSeen, give_back_claims};
use crate::readers::Readers;
use crate::search::forget_deleted_words;
use crate::writer::Writer;

/// Engage's storage in a database file, or in memory.
///
/// ```
/// use engage_repository::{CaseRepository, StoreHealth};
/// use engage_sqlite::{OpenError, SqliteStore};
/// use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("engage.db");
/// let store = SqliteStore::serve(&path, 4)?;
/// store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// store.check().await?;
///
/// // A file has one server. Short commands may run beside it.
/// assert!(matches!(SqliteStore::serve(&path, 4), Err(OpenError::InUse(_))));
/// let beside = SqliteStore::attach(&path)?;
/// assert!(beside.find_case(&a_case_number(1)).await?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
    /// Audit record that is committed with changes through this handle.
    record: Option<Arc<AuditRecord>>,
}

struct Inner {
    // Fields are dropped in this order, so the connections are closed before the lock is released.
    readers: Readers,
    writer: Writer,
    case_numbers: LastSequences,
    last_seen: LastSeen,
    _server_lock: Option<File>,
}

impl SqliteStore {
    /// Opens a file as its one server, and migrates it. Creates the file and its folder if they are
    /// missing.
    ///
    /// Up to `readers` reads run at once. Fails with [`OpenError::InUse`] if another server has the
    /// file open.
    pub fn serve(path: &Path, readers: u32) -> Result<Self, OpenError> {
        prepare(path)?;
        let lock = lock_as_server(path)?;
        Self::open(path, readers, Some(lock))
    }

    /// Opens a file for a short command, which may run beside a server, and migrates it.
    pub fn attach(path: &Path) -> Result<Self, OpenError> {
        prepare(path)?;
        Self::open(path, 1, None)
    }

    /// Creates a database in memory for tests, which ends with its last handle.
    pub fn in_memory() -> Result<Self, OpenError> {
        let mut connection = open_migrated(":memory:", Path::new(":memory:"))?;
        let last_seen = LastSeen::at_start(&mut connection).map_err(OpenError::Claims)?;
        let writer = Writer::start(connection).map_err(OpenError::Thread)?;
        Ok(Self::new(Readers::Writer(writer.clone()), writer, last_seen, None))
    }

    fn open(path: &Path, readers: u32, lock: Option<File>) -> Result<Self, OpenError> {
        let url = url_of(path);
        let mut connection = open_migrated(&url, path)?;
        let mut last_seen = LastSeen::default();
        if lock.is_some() {
            warn_if_slow(&mut connection);
            // No other server delivers from this file, so notifications that an earlier one had
            // claimed when it was killed need not wait for the end of their lease.
            give_back_claims(&mut connection).map_err(OpenError::Claims)?;
            last_seen = LastSeen::at_start(&mut connection).map_err(OpenError::Claims)?;
        }
        let writer = Writer::start(connection).map_err(OpenError::Thread)?;
        Ok(Self::new(Readers::pool(url, readers), writer, last_seen, lock))
    }

    fn new(readers: Readers, writer: Writer, last_seen: LastSeen, lock: Option<File>) -> Self {
        let case_numbers = LastSequences::default();
        let inner = Inner { readers, writer, case_numbers, last_seen, _server_lock: lock };
        Self { inner: Arc::new(inner), record: None }
    }

    pub(crate) fn record(&self) -> Option<&Arc<AuditRecord>> {
        self.record.as_ref()
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.inner.readers
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(crate) fn last_seen(&self) -> &LastSeen {
        &self.inner.last_seen
    }

    pub(crate) fn case_numbers(&self) -> &LastSequences {
        &self.inner.case_numbers
    }
}

impl Store for SqliteStore {
    fn audited(&self, record: AuditRecord) -> Self {
        Self { record: Some(Arc::new(record)), ..self.clone() }
    }
}

/// Creates the file and its folder if they are missing, with access for the owner only, regardless of
/// the umask. SQLite gives the files beside it the same permissions.
fn prepare(path: &Path) -> Result<(), OpenError> {
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

#[cfg(test)]
mod tests;
