use std::io;
use std::path::PathBuf;

use engage_repository::{BackupError, RepositoryError};
use thiserror::Error;

/// Error of a backup, of its verification or of its restoration.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// A file of this name exists.
    #[error("{} exists: choose another name", .0.display())]
    Exists(PathBuf),
    /// The archive cannot be created.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// Path of the archive.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The archive cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// Path of the archive.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a backup of engage", .0.display())]
    NotABackup(PathBuf),
    /// The archive has another format than this program reads.
    #[error(
        "the backup has format {0}, which this version of engage does not read: use the version \
         that wrote it, or a later one"
    )]
    UnknownFormat(u32),
    /// The archive ends too early.
    #[error("the backup is not complete: it ends {0}")]
    Incomplete(String),
    /// A part is not as it was written.
    #[error("the backup is damaged in {part}: {reason}")]
    Damaged {
        /// Name of the part.
        part: String,
        /// Difference to what was written.
        reason: String,
    },
    /// The copy in the archive is one of another kind of database.
    #[error(
        "the backup is one of a {found} database, and the settings name a {wanted} database: restore \
         it with the database.url of that kind"
    )]
    OtherDatabase {
        /// Kind of the copy.
        found: String,
        /// Kind of the target.
        wanted: &'static str,
    },
    /// The database cannot be copied or restored.
    #[error(transparent)]
    Database(#[from] BackupError),
    /// The attachments cannot be read or stored.
    #[error("cannot access the attachments (attachments.url): {}", .0.causes())]
    Contents(#[source] RepositoryError),
}

impl ArchiveError {
    /// Describes a part that is not as it was written.
    pub(crate) fn damaged(part: &str, reason: impl Into<String>) -> Self {
        Self::Damaged { part: part.to_owned(), reason: reason.into() }
    }
}
