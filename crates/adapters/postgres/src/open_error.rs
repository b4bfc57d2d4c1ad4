use diesel::ConnectionError;
use engage_sql::TooOld;
use thiserror::Error;

use crate::connect::UrlError;

/// Error returned when a database cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL is not valid.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The server cannot be reached, or refuses the connection.
    #[error("cannot connect to PostgreSQL: {0}")]
    Connect(ConnectionError),
    /// The connection pool cannot be created.
    #[error("cannot prepare connections: {0}")]
    Pool(Box<dyn std::error::Error + Send + Sync>),
    /// The migrations failed.
    #[error("cannot migrate the database: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
    /// A newer program has migrated the tables, and this one is too old for them.
    #[error(transparent)]
    TooOld(#[from] TooOld),
    /// Migrations of this program have not been run.
    #[error("the database is not up to date: run engage migrate, or serve with --migrate")]
    Behind,
}
