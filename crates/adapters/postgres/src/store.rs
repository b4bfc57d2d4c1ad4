use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use engage_repository::RepositoryError;
use thiserror::Error;

use crate::commit_queue::CommitQueue;
use crate::connect::{Connector, UrlError};
use crate::demotion::Demotion;
use crate::migrations;
use crate::numbers::Blocks;

/// How long to wait for a connection when all are in use.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);

/// What every connection is told first: no statement outlives the request it was for, and none
/// waits for a lock for ever. Statements that have to come in milliseconds gain nothing from
/// parallel workers, whose start takes longer than they do.
const SET_UP: &str = "
    SET statement_timeout = '4s';
    SET idle_in_transaction_session_timeout = '10s';
    SET max_parallel_workers_per_gather = 0;
";

/// Why a database was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL says nothing that can be connected to.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The database cannot be connected to.
    #[error("cannot connect to PostgreSQL: {0}")]
    Connect(ConnectionError),
    /// The pool of connections cannot be made.
    #[error("cannot prepare connections: {0}")]
    Pool(Box<dyn std::error::Error + Send + Sync>),
    /// The tables cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
    /// The tables are of an earlier version of the program.
    #[error("the database is not up to date: run engage migrate, or serve with --migrate")]
    Behind,
}

/// Engage's storage in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool<AsyncPgConnection>,
    commits: CommitQueue,
    case_numbers: Arc<Blocks>,
}

impl PostgresStore {
    /// Opens a database whose tables are up to date, with at most so many connections.
    pub async fn open(url: &str, connections: usize) -> Result<Self, OpenError> {
        let connector = Connector::from_url(url)?;
        if !migrations::are_done(&connector).await? {
            return Err(OpenError::Behind);
        }
        let pool = pool(Arc::new(connector), connections)?;
        let commits = CommitQueue::start(&pool);
        Ok(Self { pool, commits, case_numbers: Arc::default() })
    }

    /// Brings the tables up to date; any number of callers may do so at once.
    pub async fn migrate(url: &str) -> Result<(), OpenError> {
        migrations::run(&Connector::from_url(url)?).await
    }

    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, RepositoryError> {
        self.pool.get().await.map_err(RepositoryError::unavailable)
    }

    pub(crate) fn commits(&self) -> &CommitQueue {
        &self.commits
    }

    pub(crate) fn case_numbers(&self) -> &Blocks {
        &self.case_numbers
    }
}

fn pool(
    connector: Arc<Connector>,
    connections: usize,
) -> Result<Pool<AsyncPgConnection>, OpenError> {
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
    // The set-up has what it needs to connect: the manager need not know the URL.
    let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
    let builder = Pool::builder(manager)
        .max_size(connections)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .runtime(Runtime::Tokio1);
    let builder = if needs_writes { builder.pre_recycle(Demotion::hook()) } else { builder };
    builder.build().map_err(|cause| OpenError::Pool(cause.into()))
}
