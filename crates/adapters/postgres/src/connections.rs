//! The connection pool, and a time limit for each use of a connection.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use diesel::{ConnectionError, QueryResult};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use engage_repository::{ConnectionUse, RepositoryError};
use engage_sql::repository_error;
use tokio::time::timeout;

use crate::connect::{Connector, PATIENCE};
use crate::open_error::OpenError;
use crate::read_write_check::ReadWriteCheck;

/// Time limit of one use of a connection. It exceeds the statement timeout of the server.
const LIMIT: Duration = Duration::from_secs(5);

/// Settings of every connection. No statement outlives its request, and none waits forever for a lock.
/// Statements of milliseconds gain nothing from parallel workers, which take longer to start.
const SET_UP: &str = "
    SET statement_timeout = '4s';
    SET idle_in_transaction_session_timeout = '10s';
    SET max_parallel_workers_per_gather = 0;
";

/// A pool of connections.
#[derive(Clone)]
pub(crate) struct Connections(Pool<AsyncPgConnection>);

impl Connections {
    pub(crate) fn new(connector: Arc<Connector>, most: usize) -> Result<Self, OpenError> {
        let needs_writes = connector.needs_writes();
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let connector = Arc::clone(&connector);
            Box::pin(async move {
                let mut connection = connector.connect().await?;
                let set_up = connection.batch_execute(SET_UP).await;
                set_up.map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(connection)
            })
        });
        // The setup connects, so the manager need not know the URL.
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
        let builder = Pool::builder(manager)
            .max_size(most)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1);
        let builder =
            if needs_writes { builder.pre_recycle(ReadWriteCheck::hook()) } else { builder };
        Ok(Self(builder.build().map_err(|cause| OpenError::Pool(cause.into()))?))
    }

    /// Returns the number of connections and how they are used.
    pub(crate) fn connection_use(&self) -> ConnectionUse {
        let status = self.0.status();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        ConnectionUse {
            limit: number(status.max_size),
            in_use: number(status.size.saturating_sub(status.available)),
            idle: number(status.available),
            waiting: number(status.waiting),
        }
    }

    /// Runs work on a connection.
    ///
    /// If it takes too long, the connection is removed from the pool: a host that hangs enforces no
    /// timeout, and the next statement would wait as well.
    pub(crate) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        self.try_run(work).await?.map_err(repository_error)
    }

    /// Runs work like [`Self::run`], and leaves errors of statements to the caller.
    pub(crate) async fn try_run<T>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<QueryResult<T>, RepositoryError> {
        let mut connection = self.0.get().await.map_err(RepositoryError::unavailable)?;
        match timeout(LIMIT, work(&mut connection)).await {
            Ok(outcome) => Ok(outcome),
            Err(late) => {
                drop(Object::take(connection));
                Err(RepositoryError::unavailable(late))
            }
        }
    }
}
