use std::time::Duration;

use super::database::Database;
use crate::server::Server;

/// How long each figure is measured.
pub(super) const MEASURED: Duration = Duration::from_secs(5);

/// How often creations are measured, in turn with pgbench; the best of each counts, since whatever
/// else the machine does only takes away.
pub(super) const ROUNDS: usize = 3;

/// The server on a database, delivering nothing.
pub(super) async fn serve(database: &Database) -> anyhow::Result<Server> {
    Server::start_on(Some(database.url()), &["--no-dispatch"]).await
}
