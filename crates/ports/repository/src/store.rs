use crate::{
    AccessRepository, AuditRepository, AuditedStore, CaseNumbers, CaseQueries, CaseRepository,
    DirectoryRepository, DueCases, ErasureRepository, EventHistory, IdempotencyRepository,
    NotificationRepository, OutboxRepository, RetentionRepository, SearchIndex, StaffRepository,
    StoreHealth, TokenRepository, UploadRepository, WebhookRepository,
};

/// A store that implements every port that all stores have. Implemented automatically for such
/// types.
///
/// The wiring of a program refers to this trait, while a use case refers to the ports it needs.
/// [`RequestCounts`](crate::RequestCounts) is not included, since only servers that share a
/// database need it.
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
