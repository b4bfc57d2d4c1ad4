//! The store that the settings name, behind its ports.

use std::sync::Arc;

use anyhow::Context;
use engage_postgres::{OutboxListener, PostgresStore};
use engage_repository::{
    AccessRepository, AuditRepository, AuditedStore, CaseNumbers, CaseQueries, CaseRepository,
    DirectoryRepository, DueCases, ErasureRepository, EventHistory, IdempotencyRepository,
    NotificationRepository, OutboxRepository, RequestCounts, RetentionRepository, SearchIndex,
    StaffRepository, StoreHealth, TokenRepository, UploadRepository, WebhookRepository,
};
use engage_sqlite::SqliteStore;

use crate::settings::{DatabaseSettings, DatabaseUrl};

/// How many connections a short command may use.
const FOR_A_COMMAND: usize = 2;

pub(crate) struct Storage {
    pub(crate) cases: Arc<dyn CaseRepository>,
    pub(crate) queries: Arc<dyn CaseQueries>,
    pub(crate) numbers: Arc<dyn CaseNumbers>,
    pub(crate) history: Arc<dyn EventHistory>,
    pub(crate) idempotency: Arc<dyn IdempotencyRepository>,
    pub(crate) access: Arc<dyn AccessRepository>,
    pub(crate) staff: Arc<dyn StaffRepository>,
    pub(crate) tokens: Arc<dyn TokenRepository>,
    pub(crate) due_cases: Arc<dyn DueCases>,
    pub(crate) outbox: Arc<dyn OutboxRepository>,
    pub(crate) notifications: Arc<dyn NotificationRepository>,
    pub(crate) webhooks: Arc<dyn WebhookRepository>,
    pub(crate) directory: Arc<dyn DirectoryRepository>,
    pub(crate) uploads: Arc<dyn UploadRepository>,
    pub(crate) retention: Arc<dyn RetentionRepository>,
    pub(crate) index: Arc<dyn SearchIndex>,
    pub(crate) erasure: Arc<dyn ErasureRepository>,
    pub(crate) audit: Arc<dyn AuditRepository>,
    pub(crate) acts: Arc<dyn AuditedStore>,
    pub(crate) health: Arc<dyn StoreHealth>,
    /// What servers that work on one database tell each other of their limits.
    pub(crate) request_counts: Option<Arc<dyn RequestCounts>>,
}

impl Storage {
    /// Opens the store for a server.
    pub(crate) async fn serve(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        Ok(match &settings.url {
            DatabaseUrl::Sqlite(path) => {
                Self::of(SqliteStore::serve(path, settings.pool_size.get())?)
            }
            DatabaseUrl::Postgres(url) => {
                let connections = settings.pool_size.get().try_into()?;
                Self::of_servers(PostgresStore::open(url.expose(), connections).await?)
            }
        })
    }

    /// What hears of messages that other processes commit; an embedded store has no others.
    pub(crate) fn listener(settings: &DatabaseSettings) -> anyhow::Result<Option<OutboxListener>> {
        let DatabaseUrl::Postgres(url) = &settings.url else { return Ok(None) };
        let url = settings.listen_url.as_ref().unwrap_or(url);
        let listener = OutboxListener::new(url.expose());
        listener.map(Some).context("new messages cannot be listened for (database.listen_url)")
    }

    /// Opens the store for a short command, beside a server or without one.
    pub(crate) async fn attach(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        Ok(match &settings.url {
            DatabaseUrl::Sqlite(path) => Self::of(SqliteStore::attach(path)?),
            DatabaseUrl::Postgres(url) => {
                Self::of(PostgresStore::open(url.expose(), FOR_A_COMMAND).await?)
            }
        })
    }

    /// Brings the tables up to date.
    pub(crate) async fn migrate(settings: &DatabaseSettings) -> anyhow::Result<()> {
        match &settings.url {
            // An embedded database is brought up to date whenever it is opened.
            DatabaseUrl::Sqlite(path) => drop(SqliteStore::attach(path)?),
            DatabaseUrl::Postgres(url) => PostgresStore::migrate(url.expose()).await?,
        }
        Ok(())
    }

    fn of<S>(store: S) -> Self
    where
        S: CaseRepository
            + CaseQueries
            + CaseNumbers
            + EventHistory
            + IdempotencyRepository
            + AccessRepository
            + StaffRepository
            + TokenRepository
            + DueCases
            + OutboxRepository
            + NotificationRepository
            + WebhookRepository
            + DirectoryRepository
            + UploadRepository
            + RetentionRepository
            + SearchIndex
            + ErasureRepository
            + AuditRepository
            + AuditedStore
            + StoreHealth
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            cases: store.clone(),
            queries: store.clone(),
            numbers: store.clone(),
            history: store.clone(),
            idempotency: store.clone(),
            access: store.clone(),
            staff: store.clone(),
            tokens: store.clone(),
            due_cases: store.clone(),
            outbox: store.clone(),
            notifications: store.clone(),
            webhooks: store.clone(),
            directory: store.clone(),
            uploads: store.clone(),
            retention: store.clone(),
            index: store.clone(),
            erasure: store.clone(),
            audit: store.clone(),
            acts: store.clone(),
            health: store,
            request_counts: None,
        }
    }

    fn of_servers(store: PostgresStore) -> Self {
        Self { request_counts: Some(Arc::new(store.clone())), ..Self::of(store) }
    }
}
