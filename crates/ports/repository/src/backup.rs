//! Copies of a whole database, for backups.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use engage_domain::AttachmentId;
use engage_domain::attachment::ContentHash;
use thiserror::Error;

/// A part of the copy of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyPart {
    /// Name of the part as a file, which is unique in a copy.
    pub name: String,
    /// Columns of the rows, in the order of their values. Empty if the part is not made of rows.
    pub columns: Vec<String>,
}

/// Number of rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// Name of the table.
    pub table: String,
    /// Number of its rows.
    pub rows: u64,
}

/// Description of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyFacts {
    /// Migrations that made the tables, in order.
    pub migrations: Vec<String>,
    /// Number of rows of each copied table.
    pub tables: Vec<TableRows>,
}

/// A file whose content belongs to a copy but is stored outside of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopiedFile {
    /// Id of the file.
    pub id: AttachmentId,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub hash: ContentHash,
}

/// Destination of a copy.
///
/// It blocks the calling thread while it writes.
///
/// ```
/// # use std::io;
/// # use engage_repository::{CopiedFile, CopyPart};
/// use engage_repository::CopyWriter;
///
/// /// Measures each part.
/// #[derive(Default)]
/// struct Sizes(Vec<(String, usize)>);
///
/// impl CopyWriter for Sizes {
///     fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
///         self.0.last_mut().map(|part| part.1 += bytes.len()).ok_or(io::ErrorKind::InvalidInput.into())
///     }
/// #     fn begin_part(&mut self, part: CopyPart) -> io::Result<()> {
/// #         self.0.push((part.name, 0));
/// #         Ok(())
/// #     }
/// #     fn end_part(&mut self) -> io::Result<u64> {
/// #         Ok(0)
/// #     }
/// #     fn name_file(&mut self, _: &CopiedFile) -> io::Result<()> {
/// #         Ok(())
/// #     }
/// }
///
/// let mut sizes = Sizes::default();
/// sizes.begin_part(CopyPart { name: "engage.db".to_owned(), columns: Vec::new() })?;
/// sizes.write(b"SQLite format 3")?;
/// assert_eq!(sizes.0, [("engage.db".to_owned(), 15)]);
/// # Ok::<(), io::Error>(())
/// ```
pub trait CopyWriter: Send {
    /// Begins a part. The previous one must have ended.
    fn begin_part(&mut self, part: CopyPart) -> io::Result<()>;

    /// Adds bytes to the part. Rows of a table end with a line feed each, and have none inside.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Ends the part, and returns the number of line feeds in it, which is that of its rows.
    fn end_part(&mut self) -> io::Result<u64>;

    /// Names a file of the copy. Called after the last part, in the order of the ids.
    fn name_file(&mut self, file: &CopiedFile) -> io::Result<()>;
}

/// A complete copy, to be restored.
///
/// ```
/// # use std::io::{self, Read};
/// # use engage_repository::{CopyFacts, CopyPart};
/// use engage_repository::CopyReader;
///
/// /// A copy of one part in memory.
/// struct InMemory(CopyFacts, &'static [u8]);
///
/// impl CopyReader for InMemory {
///     fn open(&self, part: &str) -> io::Result<Box<dyn Read + Send>> {
///         if part == "engage.db" { Ok(Box::new(self.1)) } else { Err(io::ErrorKind::NotFound.into()) }
///     }
/// #     fn facts(&self) -> &CopyFacts {
/// #         &self.0
/// #     }
/// #     fn parts(&self) -> Vec<CopyPart> {
/// #         vec![CopyPart { name: "engage.db".to_owned(), columns: Vec::new() }]
/// #     }
/// }
///
/// let copy = InMemory(CopyFacts::default(), b"SQLite format 3");
/// assert_eq!(io::read_to_string(copy.open("engage.db")?)?, "SQLite format 3");
/// # Ok::<(), io::Error>(())
/// ```
pub trait CopyReader: Send + Sync {
    /// Returns the description of the copy.
    fn facts(&self) -> &CopyFacts;

    /// Lists the parts.
    fn parts(&self) -> Vec<CopyPart>;

    /// Reads a part.
    ///
    /// MUST fail at the end of the part if it is not as it was written. Blocks the calling thread.
    fn open(&self, part: &str) -> io::Result<Box<dyn io::Read + Send>>;
}

/// Treatment of the notifications that were waiting for delivery when a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingNotifications {
    /// They are delivered by the next dispatcher.
    Deliver,
    /// They become dead letters, which can be sent again.
    Hold,
}

/// Result of a restoration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Number of notifications that were waiting for delivery.
    pub waiting_notifications: u64,
}

/// Error of a copy or a restoration.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is no database to copy.
    #[error("there is no database to back up")]
    NothingToCopy,
    /// The tables were made by a migration of a newer program.
    #[error(
        "this version of engage does not know the tables (migration {migration}): use the version \
         that made them, or a later one"
    )]
    UnknownMigration {
        /// The unknown migration.
        migration: String,
    },
    /// The target of a restoration holds data.
    #[error(
        "the database already holds {cases} cases and {staff} members of staff: restore into an \
         empty one"
    )]
    NotEmpty {
        /// Number of cases.
        cases: u64,
        /// Number of members of staff, including those who have left.
        staff: u64,
    },
    /// The target of a restoration has the tables of another version than the copy.
    #[error(
        "the database has tables of another version than the backup: restore into a database \
         without tables, which are then created as the backup needs them and migrated"
    )]
    OtherTables,
    /// A server is using the target of a restoration.
    #[error("a server is using the database: stop it first")]
    InUse,
    /// The copy is not what it claims to be.
    #[error("the copy of the database is damaged: {0}")]
    Damaged(String),
    /// The copy cannot be read or written.
    #[error("cannot read or write the copy of the database: {0}")]
    File(#[from] io::Error),
    /// The database cannot be reached, or refuses.
    #[error("the database does not allow it: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl BackupError {
    /// Wraps an error of the database.
    pub fn database(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Database(cause.into())
    }
}

/// Copying and restoring of a whole database.
///
/// ```
/// use engage_repository::{BackupError, CopyFacts, DatabaseBackup};
///
/// /// Tells whether a copy fits before time is spent on it.
/// async fn fits(database: &dyn DatabaseBackup, copy: &CopyFacts) -> Result<bool, BackupError> {
///     match database.check_target(copy).await {
///         Err(BackupError::NotEmpty { .. } | BackupError::OtherTables) => Ok(false),
///         checked => checked.map(|()| true),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let database = engage_sqlite::SqliteBackup::new(folder.path().join("engage.db"));
/// assert!(fits(&database, &CopyFacts::default()).await?);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait DatabaseBackup: Send + Sync {
    /// Returns the name of the kind of database, such as `sqlite`. A copy can only be restored into
    /// a database of its own kind.
    fn kind(&self) -> &'static str;

    /// Copies the database as of one moment, while others write, and names the files that it refers
    /// to. Temporary files are created in `scratch`, and removed.
    ///
    /// MUST copy everything that a restored server needs, or fail. MUST NOT change the database.
    async fn copy(&self, scratch: &Path, to: &mut dyn CopyWriter)
    -> Result<CopyFacts, BackupError>;

    /// Checks that a copy with this description can be restored here.
    ///
    /// MUST fail if the database holds cases or staff.
    async fn check_target(&self, facts: &CopyFacts) -> Result<(), BackupError>;

    /// Replaces the database with a copy, and migrates it to the tables of this program.
    ///
    /// MUST check the target again. MUST leave the content of the database as it was if the copy
    /// cannot be restored.
    async fn restore(
        &self,
        from: &dyn CopyReader,
        waiting: WaitingNotifications,
    ) -> Result<Restored, BackupError>;
}
