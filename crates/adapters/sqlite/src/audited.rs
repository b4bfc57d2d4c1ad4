//! Changes that commit an audit record with them.

use std::sync::Arc;

use diesel::SqliteConnection;
use engage_repository::{
    AccessRepository, AuditRecord, AuditedStore, ErasureRepository, NotificationRepository,
    OutboxRepository, RepositoryError, StaffRepository, TokenRepository, WebhookRepository,
};

use crate::audit_rows::append;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Writes as the writer does. If the write changed something, the audit record of this handle, if
    /// any, is committed with it.
    pub(crate) async fn act<T, F, C>(
        &self,
        mut work: F,
        has_changed: C,
    ) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnMut(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
        C: Fn(&T) -> bool + Send + 'static,
    {
        let record = self.record().cloned();
        self.writer()
            .write(move |connection| {
                let done = work(connection)?;
                match &record {
                    Some(record) if has_changed(&done) => append(connection, record)?,
                    _ => {}
                }
                Ok(done)
            })
            .await
    }
}

/// Returns the ports of a store through which every change is recorded.
impl AuditedStore for SqliteStore {
    fn staff(&self, record: AuditRecord) -> Arc<dyn StaffRepository> {
        Arc::new(self.audited(record))
    }

    fn tokens(&self, record: AuditRecord) -> Arc<dyn TokenRepository> {
        Arc::new(self.audited(record))
    }

    fn webhooks(&self, record: AuditRecord) -> Arc<dyn WebhookRepository> {
        Arc::new(self.audited(record))
    }

    fn notifications(&self, record: AuditRecord) -> Arc<dyn NotificationRepository> {
        Arc::new(self.audited(record))
    }

    fn outbox(&self, record: AuditRecord) -> Arc<dyn OutboxRepository> {
        Arc::new(self.audited(record))
    }

    fn access(&self, record: AuditRecord) -> Arc<dyn AccessRepository> {
        Arc::new(self.audited(record))
    }

    fn erasure(&self, record: AuditRecord) -> Arc<dyn ErasureRepository> {
        Arc::new(self.audited(record))
    }
}
