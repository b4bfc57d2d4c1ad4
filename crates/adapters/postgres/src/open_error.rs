use diesel::ConnectionError;
use thiserror::Error;

use crate::connect::UrlError;

/// Why a database was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL says nothing that can be connected to.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The database cannot be connected to.
    #[error("cannot connect to PostgreSQL: {0}")]
    Connect(ConnectionError),
    /// The pool of connections cannot be made.
    #[error("cannot prepare connections: {0}")]
    Pool(Box<dyn std::error::Error + Send + Sync>),
    /// The tables cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
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
    /// The tables are of an earlier version of the program.
    #[error("the database is not up to date: run engage migrate, or serve with --migrate")]
    Behind,
}
