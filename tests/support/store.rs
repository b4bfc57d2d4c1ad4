//! The kinds of store, and tests that run on each of them.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use engage_testkit::postgres::cluster;

use jiff::SignedDuration;

use super::{Workspace, now};

/// All timestamps of a case.
const TIMES_OF_CASES: [&str; 9] = [
    "status_since",
    "customer_escalated_at",
    "assigned_at",
    "created_at",
    "last_activity",
    "first_response",
    "first_response_due",
    "estimated_resolution",
    "next_target_at",
];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// Creates a folder whose program uses an empty store of this kind.
    pub(crate) async fn workspace(self) -> Workspace {
        match self {
            // The default without settings.
            Self::Sqlite => Workspace::new(),
            Self::Postgres => Workspace::on_database(&cluster().database(migrate).await),
        }
    }

    /// Makes all cases older, as if this time had passed.
    pub(crate) async fn let_pass(self, workspace: &Workspace, time: Duration) {
        let millis = time.as_millis();
        let earlier =
            |by: &str| TIMES_OF_CASES.map(|time| format!("{time} = {time} - {by}")).join(", ");
        match self {
            Self::Sqlite => {
                let file = workspace.folder().join("var/engage.db");
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                let older = format!(
                    "PRAGMA busy_timeout = 20000; UPDATE cases SET {}",
                    earlier(&millis.to_string())
                );
                connection.batch_execute(&older).unwrap();
            }
            Self::Postgres => {
                let by = format!("interval '{millis} milliseconds'");
                let older = format!("UPDATE cases SET {}", earlier(&by));
                cluster().ask_in(&workspace.database_url(), &older).await;
            }
        }
    }
}

impl Store {
    /// Runs a statement that both kinds of store understand.
    pub(crate) async fn execute(self, workspace: &Workspace, statement: &str) {
        match self {
            Self::Sqlite => {
                let file = workspace.folder().join("var/engage.db");
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                let patient = format!("PRAGMA busy_timeout = 20000; {statement}");
                connection.batch_execute(&patient).unwrap();
            }
            Self::Postgres => {
                cluster().ask_in(&workspace.database_url(), statement).await;
            }
        }
    }

    /// Returns a timestamp this many hours ago, in the format of the store.
    pub(crate) fn hours_ago(self, hours: i64) -> String {
        let then = now() - SignedDuration::from_hours(hours);
        match self {
            Self::Sqlite => then.as_millisecond().to_string(),
            Self::Postgres => format!("'{then}'"),
        }
    }

    /// Returns the columns of all tables that can hold text, as `table.column`: those of texts, bytes
    /// and JSON. Ids are left out, which SQLite stores as bytes.
    pub(crate) async fn columns(self, workspace: &Workspace) -> Vec<String> {
        match self {
            Self::Sqlite => {
                let file = workspace.folder().join("var/engage.db");
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                let columns = "SELECT tables.name || '.' || columns.name AS line
                    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
                    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
                        AND tables.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\'
                        AND columns.type <> 'INTEGER'
                        AND NOT (columns.type = 'BLOB'
                            AND (columns.name = 'id' OR columns.name LIKE '%\\_id' ESCAPE '\\'))";
                lines(&mut connection, columns)
            }
            Self::Postgres => {
                let columns = "SELECT table_name || '.' || column_name
                    FROM information_schema.columns
                    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
                        AND data_type NOT IN ('bigint', 'integer', 'smallint', 'boolean', 'uuid',
                            'timestamp with time zone', 'interval', 'double precision', 'numeric')";
                cluster().ask_in(&workspace.database_url(), columns).await
            }
        }
    }

    /// Returns the content of all tables as text.
    pub(crate) async fn dump(self, workspace: &Workspace) -> String {
        match self {
            Self::Sqlite => {
                let file = workspace.folder().join("var/engage.db");
                let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 20000").unwrap();
                let tables = "SELECT name AS line FROM sqlite_master WHERE type = 'table' \
                    AND name NOT LIKE 'sqlite_%'";
                let dump = |table: String| {
                    let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
                    let quoted = |column: String| format!("coalesce(quote(\"{column}\"), '')");
                    let columns: Vec<_> =
                        lines(&mut connection, &columns).into_iter().map(quoted).collect();
                    let rows = columns.join(" || ' ' || ");
                    lines(&mut connection, &format!("SELECT {rows} AS line FROM {table}"))
                };
                let tables = lines(
                    &mut SqliteConnection::establish(file.to_str().unwrap()).unwrap(),
                    tables,
                );
                tables.into_iter().flat_map(dump).collect::<Vec<_>>().join("\n")
            }
            Self::Postgres => {
                let dump = "SELECT database_to_xml(true, false, '')::text";
                cluster().ask_in(&workspace.database_url(), dump).await.join("\n")
            }
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows: Vec<Row> = diesel::sql_query(query).load(connection).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// Prepares the database that is copied for each test, which is much faster than migrating each
/// one.
async fn migrate(url: String) {
    Workspace::on_database(&url).run(&["migrate"]).ok();
}

/// Generates two tests for every function named here, one for each store.
///
/// The functions take the [`Store`]. A function that is not named is dead code, which `main.rs`
/// denies, so none is forgotten. A test of only one store has its own attribute and states the
/// reason.
macro_rules! on_both_stores {
    ($($test:ident)+) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::support::Store::Sqlite).await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::support::Store::Postgres).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_stores;
