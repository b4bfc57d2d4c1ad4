use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use engage_repository::{AuditRecord, Store};

use crate::case_number_sequences::LastSequences;
use crate::compile_options::warn_if_slow;
use crate::connection::url_of;
use crate::database_file::{lock_as_server, open_migrated, prepare};
use crate::open_error::OpenError;
use crate::outbox::{LastSeen, give_back_claims};
use crate::readers::Readers;
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

#[cfg(test)]
mod tests;
