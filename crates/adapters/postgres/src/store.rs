use std::sync::Arc;

use engage_outbound::DnsResolver;
use engage_repository::{AuditRecord, Store};

use crate::case_number_blocks::Blocks;
use crate::commit_queue::CommitQueue;
use crate::connect::Connector;
use crate::connections::Connections;
use crate::migrations;
use crate::open_error::OpenError;

/// Engage's storage in a PostgreSQL database.
///
/// ```no_run
/// use engage_postgres::{DnsResolver, OpenError, PostgresStore};
/// use engage_repository::StoreHealth;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const URL: &str = "postgres://engage@db.example.com/engage?sslmode=verify-full";
///
/// // Each program that starts may migrate. It waits for another one that is doing so.
/// let resolver = DnsResolver::system();
/// PostgresStore::migrate(URL, &resolver).await?;
/// let store = match PostgresStore::open(URL, 16, &resolver).await {
///     Err(OpenError::Behind) => panic!("the tables belong to an earlier version"),
///     opened => opened?,
/// };
/// store.check().await?;
/// assert_eq!(store.connection_use().limit, 16);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    connections: Connections,
    commits: CommitQueue,
    case_numbers: Arc<Blocks>,
    /// Audit record that is committed with changes through this handle.
    record: Option<Arc<AuditRecord>>,
}

impl PostgresStore {
    /// Opens a database with at most this many connections. The hosts of the URL are resolved by the
    /// resolver. Fails with [`OpenError::Behind`] if the database has to be migrated first.
    pub async fn open(
        url: &str,
        connections: usize,
        resolver: &DnsResolver,
    ) -> Result<Self, OpenError> {
        let connector = Connector::from_url(url, resolver)?;
        if !migrations::are_done(&connector).await? {
            return Err(OpenError::Behind);
        }
        let connections = Connections::new(Arc::new(connector), connections)?;
        let commits = CommitQueue::start(&connections);
        Ok(Self { connections, commits, case_numbers: Arc::default(), record: None })
    }

    pub(crate) fn record(&self) -> Option<&AuditRecord> {
        self.record.as_deref()
    }

    /// Migrates a database. Any number of callers may do so at once.
    pub async fn migrate(url: &str, resolver: &DnsResolver) -> Result<(), OpenError> {
        migrations::run(&Connector::from_url(url, resolver)?).await
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

impl Store for PostgresStore {
    fn audited(&self, record: AuditRecord) -> Self {
        Self { record: Some(Arc::new(record)), ..self.clone() }
    }
}
