use std::sync::Arc;

use diesel::ConnectionError;
use engage_repository::AuditRecord;
use thiserror::Error;

use crate::commit_queue::CommitQueue;
use crate::connect::{Connector, UrlError};
use crate::connections::Connections;
use crate::migrations;
use crate::numbers::Blocks;

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
    /// The tables are of a version of the program that this one is too old for.
    #[error(
        "the tables are of a newer version of engage, which needs a program with the migration \
         {needed}; the newest of this one is {own}: start the newer version, or put back the backup \
         from before the upgrade"
    )]
    TooOld {
        /// The oldest migration whose program works on the tables.
        needed: String,
        /// The newest migration of this program.
        own: String,
    },
    /// The tables are of an earlier version of the program.
    #[error("the database is not up to date: run engage migrate, or serve with --migrate")]
    Behind,
}

/// Engage's storage in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresStore {
    connections: Connections,
    commits: CommitQueue,
    case_numbers: Arc<Blocks>,
    /// What is written down of a change that is made through this handle.
    record: Option<Arc<AuditRecord>>,
}

impl PostgresStore {
    /// Opens a database whose tables are up to date, with at most so many connections.
    pub async fn open(url: &str, connections: usize) -> Result<Self, OpenError> {
        let connector = Connector::from_url(url)?;
        if !migrations::are_done(&connector).await? {
            return Err(OpenError::Behind);
        }
        let connections = Connections::new(Arc::new(connector), connections)?;
        let commits = CommitQueue::start(&connections);
        Ok(Self { connections, commits, case_numbers: Arc::default(), record: None })
    }

    /// A handle through which a change is committed together with this record.
    pub(crate) fn audited(&self, record: AuditRecord) -> Self {
        Self { record: Some(Arc::new(record)), ..self.clone() }
    }

    pub(crate) fn record(&self) -> Option<&AuditRecord> {
        self.record.as_deref()
    }

    /// Brings the tables up to date; any number of callers may do so at once.
    pub async fn migrate(url: &str) -> Result<(), OpenError> {
        migrations::run(&Connector::from_url(url)?).await
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    pub(crate) fn commits(&self) -> &CommitQueue {
        &self.commits
    }

    pub(crate) fn case_numbers(&self) -> &Blocks {
        &self.case_numbers
    }
}
