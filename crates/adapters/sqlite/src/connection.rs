//! Opens connections to a database file.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};

/// A writer waits for the short commands of other processes instead of failing. A commit is durable
/// before it returns, and readers keep a consistent view while others write. Deleted content is
/// overwritten if that costs no further page; an erasure overwrites it everywhere.
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

/// Returns the name by which SQLite opens a file. A leading `./` makes a name such as `:memory:` or
/// `file:…` a file, which SQLite would interpret otherwise.
pub(crate) fn url_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    if path.is_absolute() { text.into_owned() } else { format!("./{text}") }
}

pub(crate) fn open_for_writing(url: &str) -> ConnectionResult<SqliteConnection> {
    establish(url, WRITER_PRAGMAS)
}

/// Restores the time for which a writer waits for the short commands of other processes.
pub(crate) fn set_patience(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    connection.batch_execute("PRAGMA busy_timeout = 5000")
}

pub(crate) fn set_up_reader(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    connection.batch_execute(READER_PRAGMAS)
}
