//! Read-only connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use engage_repository::{ConnectionUse, RepositoryError};

use crate::connection::set_up_reader;
use crate::error::WorkResult;
use crate::writer::Writer;

/// Time to wait for a connection when all are in use.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections on which reads run.
#[derive(Clone)]
pub(crate) enum Readers {
    /// A pool of connections.
    Pool {
        connections: Pool<ConnectionManager<SqliteConnection>>,
        /// Number of reads that wait for a connection.
        waiting: Arc<AtomicU32>,
    },
    /// The writer's connection. A database in memory has only that one.
    Writer(Writer),
}

#[derive(Debug)]
struct SetUp;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for SetUp {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        set_up_reader(connection).map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Readers {
    pub(crate) fn pool(url: String, size: u32) -> Self {
        let connections = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(false)
            .connection_customizer(Box::new(SetUp))
            .build_unchecked(ConnectionManager::new(url));
        Self::Pool { connections, waiting: Arc::default() }
    }

    /// Runs a read on a thread that may block.
    pub(crate) async fn read<T, F>(&self, read: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> WorkResult<T> + Send + 'static,
    {
        match self {
            Self::Writer(writer) => writer.run(read).await,
            Self::Pool { connections, waiting } => {
                let (connections, waiting) = (connections.clone(), Arc::clone(waiting));
                let read = tokio::task::spawn_blocking(move || {
                    waiting.fetch_add(1, Ordering::Relaxed);
                    let connection = connections.get();
                    waiting.fetch_sub(1, Ordering::Relaxed);
                    read(&mut *connection.map_err(RepositoryError::unavailable)?)
                });
                Ok(read.await.map_err(RepositoryError::internal)??)
            }
        }
    }

    pub(crate) fn connection_use(&self) -> ConnectionUse {
        match self {
            // It runs one read after another and does not count them.
            Self::Writer(_) => ConnectionUse { limit: 1, idle: 1, ..ConnectionUse::default() },
            Self::Pool { connections, waiting } => {
                let state = connections.state();
                ConnectionUse {
                    limit: connections.max_size(),
                    in_use: state.connections.saturating_sub(state.idle_connections),
                    idle: state.idle_connections,
                    waiting: waiting.load(Ordering::Relaxed),
                }
            }
        }
    }
}
