//! Checks how SQLite was compiled. The flags of the workspace's `.cargo/config.toml` do not apply to
//! packages that depend on this crate.

use diesel::prelude::*;
use diesel::sql_types::Text;
use tracing::warn;

#[derive(QueryableByName)]
struct CompileOption {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// Logs a warning if SQLite was compiled with flags that make it slow.
pub(crate) fn warn_if_slow(connection: &mut SqliteConnection) {
    match read(connection) {
        Ok(options) if is_slow(&options) => warn!(
            "SQLite was compiled without the flags of Engage, and claims notifications at half the \
             speed; set LIBSQLITE3_FLAGS as docs/architecture.md says"
        ),
        Ok(_) => {}
        Err(error) => warn!(%error, "cannot read how SQLite was compiled"),
    }
}

fn read(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let options = diesel::sql_query("PRAGMA compile_options").load::<CompileOption>(connection)?;
    Ok(options.into_iter().map(|option| option.compile_options).collect())
}

fn is_slow(options: &[String]) -> bool {
    let has = |wanted: &str| options.iter().any(|option| option == wanted);
    !has("ENABLE_QPSG") || has("ENABLE_MEMORY_MANAGEMENT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::open_for_writing;

    #[test]
    fn the_workspace_compiles_a_fast_sqlite() {
        let mut connection = open_for_writing(":memory:").unwrap();
        let options = read(&mut connection).unwrap();
        assert!(!is_slow(&options), "{options:?}");
    }

    #[test]
    fn the_defaults_of_the_sqlite_crate_are_slow() {
        let defaults = ["ENABLE_FTS5", "ENABLE_MEMORY_MANAGEMENT", "THREADSAFE=1"];
        assert!(is_slow(&defaults.map(str::to_owned)));
        assert!(is_slow(&["ENABLE_QPSG", "ENABLE_MEMORY_MANAGEMENT"].map(str::to_owned)));
    }
}
