use std::time::Duration;

use super::database::Database;
use crate::server::Server;

/// Duration of each measurement.
pub(super) const MEASURED: Duration = Duration::from_secs(5);

/// Number of times creations are measured, in turn with pgbench. The best figure of each counts,
/// since other load on the machine only makes a figure worse.
pub(super) const ROUNDS: usize = 3;

/// Starts the server on a database, without delivery.
pub(super) async fn serve(database: &Database) -> anyhow::Result<Server> {
    Server::start_on(Some(database.url()), &["--no-dispatch"]).await
}
