//! Connections that only read.

use std::time::Duration;

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use engage_repository::RepositoryError;

use crate::connection::set_up_reader;
use crate::writer::Writer;

/// How long to wait for a connection when all are in use.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where reads go.
#[derive(Clone)]
pub(crate) enum Readers {
    /// To connections of their own.
    Pool(Pool<ConnectionManager<SqliteConnection>>),
    /// To the writer's: a database in memory belongs to its one connection.
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
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(false)
            .connection_customizer(Box::new(SetUp))
            .build_unchecked(ConnectionManager::new(url));
        Self::Pool(pool)
    }

    /// Runs a read on a thread that may block.
    pub(crate) async fn read<T, F>(&self, read: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
    {
        match self {
            Self::Writer(writer) => writer.run(read).await,
            Self::Pool(pool) => {
                let pool = pool.clone();
                tokio::task::spawn_blocking(move || {
                    let mut connection = pool.get().map_err(RepositoryError::unavailable)?;
                    read(&mut connection)
                })
                .await
                .map_err(RepositoryError::internal)?
            }
        }
    }
}
