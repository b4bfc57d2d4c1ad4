use std::path::PathBuf;

use diesel::ConnectionError;
use thiserror::Error;

/// Why a database file was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another server works on the file. An embedded database has one.
    #[error(
        "another engage server is using {}; stop it first: one server works on a file",
        .0.display()
    )]
    InUse(PathBuf),
    /// The folder or the lock beside the file cannot be made.
    #[error("cannot prepare {}: {cause}", path.display())]
    Prepare {
        /// What was to be made.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The file cannot be opened as a database.
    #[error("cannot open the database {}: {cause}", path.display())]
    Connect {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        cause: ConnectionError,
    },
    /// The tables cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The tables are of a version of the program that this one is too old for.
    #[error(
        "the tables are of a newer version of engage, which needs a program with the migration \
         {needed}; the newest of this one is {own}: start the newer version, or put back the backup \
         from before the upgrade"
    )]
    TooOld {
        /// The oldest migration whose program works on the tables.
        needed: String,
        /// The newest migration of this program.
        own: String,
    },
    /// What an earlier server was delivering cannot be taken over.
    #[error("cannot take over the messages of an earlier server: {0}")]
    Claims(#[source] diesel::result::Error),
    /// The writing thread cannot be started.
    #[error("cannot start the writing thread: {0}")]
    Thread(#[source] std::io::Error),
}
