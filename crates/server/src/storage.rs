//! The store selected by the settings.

use std::sync::Arc;

use anyhow::Context;
use engage_postgres::{OutboxListener, PostgresBackup, PostgresStore, ServerFacts};
use engage_repository::{DatabaseBackup, RequestCounts, Store};
use engage_sqlite::{SqliteBackup, SqliteStore};

use crate::settings::{DatabaseUrl, Settings};

/// Number of connections for a short command.
const FOR_A_COMMAND: usize = 2;

/// The store and, on PostgreSQL, the shared request counts.
pub(crate) struct Storage {
    store: Arc<dyn Store>,
    /// Request counts shared by all servers of a database. `None` for an embedded database, which
    /// has a single server.
    pub(crate) request_counts: Option<Arc<dyn RequestCounts>>,
    /// The store if it is on a server.
    on_server: Option<PostgresStore>,
}

impl Storage {
    /// Opens the store for a server.
    pub(crate) async fn serve(settings: &Settings) -> anyhow::Result<Self> {
        let resolver = &settings.network.resolver;
        Ok(match &settings.database.url {
            DatabaseUrl::Sqlite(path) => {
                Self::of(SqliteStore::serve(path, settings.database.pool_size.get())?)
            }
            DatabaseUrl::Postgres(url) => {
                let connections = settings.database.pool_size.get().try_into()?;
                Self::of_servers(PostgresStore::open(url.expose(), connections, resolver).await?)
            }
        })
    }

    /// Returns a listener for notifications committed by other processes. An embedded store has
    /// none, since it has no other processes.
    pub(crate) fn listener(settings: &Settings) -> anyhow::Result<Option<OutboxListener>> {
        let DatabaseUrl::Postgres(url) = &settings.database.url else { return Ok(None) };
        let url = settings.database.listen_url.as_ref().unwrap_or(url);
        let listener = OutboxListener::new(url.expose(), &settings.network.resolver);
        listener.map(Some).context("cannot listen for new notifications (database.listen_url)")
    }

    /// Opens the store for a short command, with or without a running server.
    pub(crate) async fn attach(settings: &Settings) -> anyhow::Result<Self> {
        let resolver = &settings.network.resolver;
        Ok(match &settings.database.url {
            DatabaseUrl::Sqlite(path) => Self::of(SqliteStore::attach(path)?),
            DatabaseUrl::Postgres(url) => {
                Self::of_servers(PostgresStore::open(url.expose(), FOR_A_COMMAND, resolver).await?)
            }
        })
    }

    /// Updates the tables.
    pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
        let resolver = &settings.network.resolver;
        match &settings.database.url {
            // An embedded database is updated whenever it is opened.
            DatabaseUrl::Sqlite(path) => drop(SqliteStore::attach(path)?),
            DatabaseUrl::Postgres(url) => PostgresStore::migrate(url.expose(), resolver).await?,
        }
        Ok(())
    }

    /// Returns what copies and restores the database.
    pub(crate) fn backup(settings: &Settings) -> anyhow::Result<Box<dyn DatabaseBackup>> {
        let resolver = &settings.network.resolver;
        Ok(match &settings.database.url {
            DatabaseUrl::Sqlite(path) => Box::new(SqliteBackup::new(path)),
            DatabaseUrl::Postgres(url) => Box::new(PostgresBackup::new(url.expose(), resolver)?),
        })
    }

    fn of(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), request_counts: None, on_server: None }
    }

    fn of_servers(store: PostgresStore) -> Self {
        Self {
            request_counts: Some(Arc::new(store.clone())),
            on_server: Some(store.clone()),
            ..Self::of(store)
        }
    }

    /// Returns what the server of the database says about itself. An embedded database has none.
    pub(crate) async fn server_facts(&self) -> anyhow::Result<Option<ServerFacts>> {
        match &self.on_server {
            Some(store) => Ok(Some(store.server_facts().await?)),
            None => Ok(None),
        }
    }

    /// Returns the store, which implements every port.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}
