use std::sync::Arc;

use crate::{
    AccessRepository, AuditRecord, AuditRepository, AuditedStore, BudgetRepository, CaseNumbers,
    CaseQueries, CaseRepository, ContactRepository, DirectoryRepository, DueCases,
    ErasureRepository, EventHistory, IdempotencyRepository, NotificationRepository,
    OrganizationRepository, OutboxRepository, PersonErasures, RetentionRepository, SearchIndex,
    StaffRepository, StoreHealth, TagRepository, TokenRepository, UploadRepository,
    WebhookRepository,
};

/// A store that implements every port that all stores have.
///
/// The wiring of a program refers to this trait, while a use case refers to the ports it needs.
/// [`RequestCounts`](crate::RequestCounts) is not included, since only servers that share a
/// database need it.
///
/// ```
/// use std::sync::Arc;
///
/// use engage_repository::{CaseRepository, StaffRepository, Store};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::a_case_number;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory()?);
/// store.check().await?;
///
/// // Each use case gets the ports that it needs.
/// let cases: Arc<dyn CaseRepository> = store.clone();
/// let staff: Arc<dyn StaffRepository> = store;
/// assert_eq!(cases.find_case(&a_case_number(1)).await?, None);
/// assert_eq!(staff.list_staff().await?, []);
/// # Ok(())
/// # }
/// ```
pub trait Store:
    AccessRepository
    + AuditRepository
    + AuditedStore
    + BudgetRepository
    + CaseNumbers
    + CaseQueries
    + CaseRepository
    + ContactRepository
    + DirectoryRepository
    + DueCases
    + ErasureRepository
    + EventHistory
    + IdempotencyRepository
    + NotificationRepository
    + OrganizationRepository
    + OutboxRepository
    + PersonErasures
    + RetentionRepository
    + SearchIndex
    + StaffRepository
    + StoreHealth
    + TagRepository
    + TokenRepository
    + UploadRepository
    + WebhookRepository
{
    /// Returns a handle to the same store for a single change, with which this record is committed.
    ///
    /// MUST keep the promises of [`AuditedStore`], which is implemented with it.
    #[must_use]
    fn audited(&self, record: AuditRecord) -> Self
    where
        Self: Sized;
}

impl<S: Store + 'static> AuditedStore for S {
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

    fn person_erasures(&self, record: AuditRecord) -> Arc<dyn PersonErasures> {
        Arc::new(self.audited(record))
    }

    fn contacts(&self, record: AuditRecord) -> Arc<dyn ContactRepository> {
        Arc::new(self.audited(record))
    }

    fn organizations(&self, record: AuditRecord) -> Arc<dyn OrganizationRepository> {
        Arc::new(self.audited(record))
    }

    fn tags(&self, record: AuditRecord) -> Arc<dyn TagRepository> {
        Arc::new(self.audited(record))
    }
}
