//! Facts that the server of a database reports about itself.

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::Timestamp;
use engage_repository::RepositoryError;

use crate::store::PostgresStore;

const VERSION: &str = "current_setting('server_version')";

const MILLIS: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// Facts about the server of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// Version, such as `15.8`.
    pub version: String,
    /// Time by the clock of the server.
    pub now: Timestamp,
}

impl PostgresStore {
    /// Asks the server for its version and the time.
    pub async fn server_facts(&self) -> Result<ServerFacts, RepositoryError> {
        self.connections().run(async |c| ask(c).await).await
    }
}

async fn ask(c: &mut AsyncPgConnection) -> QueryResult<ServerFacts> {
    let version: String = diesel::select(sql::<Text>(VERSION)).get_result(c).await?;
    let millis: i64 = diesel::select(sql::<BigInt>(MILLIS)).get_result(c).await?;
    Ok(ServerFacts { version, now: Timestamp::from_millis(millis) })
}
