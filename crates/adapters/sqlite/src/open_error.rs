use std::path::PathBuf;

use diesel::ConnectionError;
use engage_sql::TooOld;
use thiserror::Error;

/// Error returned when a database file cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another server has the file open. An embedded database has one server.
    #[error(
        "another engage server is using {}; stop it first: a database file can have only one server",
        .0.display()
    )]
    InUse(PathBuf),
    /// The folder or the lock file beside the database cannot be created.
    #[error("cannot prepare {}: {cause}", path.display())]
    Prepare {
        /// Folder or file that was to be created.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: std::io::Error,
    },
    /// The file cannot be opened as a database.
    #[error("cannot open the database {}: {cause}", path.display())]
    Connect {
        /// The file.
        path: PathBuf,
        /// Error of SQLite.
        #[source]
        cause: ConnectionError,
    },
    /// The migrations failed.
    #[error("cannot migrate the database: {0}")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A newer program has migrated the tables, and this one is too old for them.
    #[error(transparent)]
    TooOld(#[from] TooOld),
    /// The notifications that an earlier server was delivering cannot be released.
    #[error("cannot release the notifications of an earlier server: {0}")]
    Claims(#[source] diesel::result::Error),
    /// The writer thread cannot be started.
    #[error("cannot start the writer thread: {0}")]
    Thread(#[source] std::io::Error),
}
