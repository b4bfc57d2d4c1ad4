//! Opening connections to a database file.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};

/// Waits for other processes' short commands rather than failing, makes a commit durable before it
/// returns, and keeps a reader's view whole while others write. What is deleted is overwritten where
/// that costs no further page; erasing does so everywhere.
const WRITER_PRAGMAS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA secure_delete = FAST;
";

const READER_PRAGMAS: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
";

fn establish(url: &str, pragmas: &str) -> ConnectionResult<SqliteConnection> {
    let mut connection = SqliteConnection::establish(url)?;
    connection.batch_execute(pragmas).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// The name by which SQLite opens a file. A leading `./` keeps a name such as `:memory:` or
/// `file:…`, which SQLite takes as something else, a file.
pub(crate) fn url_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    if path.is_absolute() { text.into_owned() } else { format!("./{text}") }
}

pub(crate) fn open_for_writing(url: &str) -> ConnectionResult<SqliteConnection> {
    establish(url, WRITER_PRAGMAS)
}

/// Has a writer wait for other processes' short commands, as from the beginning.
pub(crate) fn set_patience(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    connection.batch_execute("PRAGMA busy_timeout = 5000")
}

pub(crate) fn set_up_reader(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    connection.batch_execute(READER_PRAGMAS)
}
