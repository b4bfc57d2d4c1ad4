use crate::{
    AccessRepository, AuditRepository, AuditedStore, CaseNumbers, CaseQueries, CaseRepository,
    DirectoryRepository, DueCases, ErasureRepository, EventHistory, IdempotencyRepository,
    NotificationRepository, OutboxRepository, RetentionRepository, SearchIndex, StaffRepository,
    StoreHealth, TokenRepository, UploadRepository, WebhookRepository,
};

/// A store behind all ports that every store has. Whatever implements them implements this.
///
/// A program names it where it puts its parts together; a use case names the ports that it needs.
/// [`RequestCounts`](crate::RequestCounts) is apart, since only servers that share a database need it.
pub trait Store:
    AccessRepository
    + AuditRepository
    + AuditedStore
    + CaseNumbers
    + CaseQueries
    + CaseRepository
    + DirectoryRepository
    + DueCases
    + ErasureRepository
    + EventHistory
    + IdempotencyRepository
    + NotificationRepository
    + OutboxRepository
    + RetentionRepository
    + SearchIndex
    + StaffRepository
    + StoreHealth
    + TokenRepository
    + UploadRepository
    + WebhookRepository
{
}

impl<S> Store for S where
    S: AccessRepository
        + AuditRepository
        + AuditedStore
        + CaseNumbers
        + CaseQueries
        + CaseRepository
        + DirectoryRepository
        + DueCases
        + ErasureRepository
        + EventHistory
        + IdempotencyRepository
        + NotificationRepository
        + OutboxRepository
        + RetentionRepository
        + SearchIndex
        + StaffRepository
        + StoreHealth
        + TokenRepository
        + UploadRepository
        + WebhookRepository
{
}
