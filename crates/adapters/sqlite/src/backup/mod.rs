//! Copies of a database file, made while others write, and their restoration.

mod copy;
mod facts;
mod port;
mod restore;

use std::path::PathBuf;

/// Backups of a database file.
///
/// ```
/// # use std::io;
/// # use engage_repository::{CopiedFile, CopyPart, CopyWriter};
/// # use engage_testkit::builders::{a_change_set, an_opened};
/// use engage_repository::{CaseRepository, DatabaseBackup};
/// use engage_sqlite::{SqliteBackup, SqliteStore};
/// # #[derive(Default)]
/// # struct Sizes(Vec<(String, usize)>);
/// # impl CopyWriter for Sizes {
/// #     fn begin_part(&mut self, part: CopyPart) -> io::Result<()> {
/// #         self.0.push((part.name, 0));
/// #         Ok(())
/// #     }
/// #     fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
/// #         self.0.last_mut().map(|part| part.1 += bytes.len()).ok_or(io::ErrorKind::InvalidInput.into())
/// #     }
/// #     fn end_part(&mut self) -> io::Result<u64> {
/// #         Ok(0)
/// #     }
/// #     fn name_file(&mut self, _: &CopiedFile) -> io::Result<()> {
/// #         Ok(())
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("engage.db");
/// let store = SqliteStore::serve(&path, 4)?; // It may go on writing.
/// store.commit(a_change_set(an_opened(1), Vec::new())).await?;
///
/// let mut sizes = Sizes::default(); // A writer that measures each part.
/// let copied = SqliteBackup::new(&path).copy(folder.path(), &mut sizes).await?;
/// assert!(copied.tables.iter().any(|table| table.table == "cases" && table.rows == 1));
/// assert!(sizes.0[0].1 > 100_000);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SqliteBackup {
    path: PathBuf,
}

impl SqliteBackup {
    /// Creates a handle for a file, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

/// Name of the one part of a copy.
const PART: &str = "engage.db";
