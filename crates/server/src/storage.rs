//! The store that the settings name, behind its ports.

use std::sync::Arc;

use engage_repository::{
    CaseNumbers, CaseQueries, CaseRepository, OutboxRepository, StaffRepository, StoreHealth,
    TokenRepository,
};
use engage_sqlite::SqliteStore;

use crate::settings::{DatabaseSettings, DatabaseUrl};

pub(crate) struct Storage {
    pub(crate) cases: Arc<dyn CaseRepository>,
    pub(crate) queries: Arc<dyn CaseQueries>,
    pub(crate) numbers: Arc<dyn CaseNumbers>,
    pub(crate) staff: Arc<dyn StaffRepository>,
    pub(crate) tokens: Arc<dyn TokenRepository>,
    pub(crate) outbox: Arc<dyn OutboxRepository>,
    pub(crate) health: Arc<dyn StoreHealth>,
}

impl Storage {
    /// Opens the store for a server.
    pub(crate) fn serve(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = &settings.url;
        Ok(SqliteStore::serve(path, settings.pool_size.get())?.into())
    }

    /// Opens the store for a short command, beside a server or without one.
    pub(crate) fn attach(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        let DatabaseUrl::Sqlite(path) = &settings.url;
        Ok(SqliteStore::attach(path)?.into())
    }
}

impl From<SqliteStore> for Storage {
    fn from(store: SqliteStore) -> Self {
        let store = Arc::new(store);
        Self {
            cases: store.clone(),
            queries: store.clone(),
            numbers: store.clone(),
            staff: store.clone(),
            tokens: store.clone(),
            outbox: store.clone(),
            health: store,
        }
    }
}
