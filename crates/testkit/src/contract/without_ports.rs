//! A store for those who implement some of the ports.

use std::sync::Arc;

use engage_repository::{
    AccessRepository, AuditRecord, AuditedStore, ContactRepository, ErasureRepository,
    MockAccessRepository, MockAuditRepository, MockBudgetRepository, MockCaseNumbers,
    MockCaseQueries, MockCaseRepository, MockContactRepository, MockDirectoryRepository,
    MockDueCases, MockErasureRepository, MockEventHistory, MockIdempotencyRepository,
    MockNotificationRepository, MockOrganizationRepository, MockOutboxRepository,
    MockPersonErasures, MockRetentionRepository, MockSearchIndex, MockStaffRepository,
    MockStoreHealth, MockTagRepository, MockTokenRepository, MockUploadRepository,
    MockWebhookRepository, NotificationRepository, OrganizationRepository, OutboxRepository,
    PersonErasures, StaffRepository, TagRepository, TokenRepository, WebhookRepository,
};

use super::Store;

impl Store {
    /// Returns a store without any port, to be completed with those that an adapter implements:
    /// `Store { numbers, cases, ..Store::without_ports() }`.
    ///
    /// A test of the contract that calls another port panics and names its method, such as
    /// `MockCaseQueries::find_case_details`. The documentation of each list of tests, such as
    /// [`numbers_contract!`](crate::numbers_contract), says which ports it calls.
    pub fn without_ports() -> Self {
        Self {
            cases: Arc::new(MockCaseRepository::new()),
            queries: Arc::new(MockCaseQueries::new()),
            numbers: Arc::new(MockCaseNumbers::new()),
            history: Arc::new(MockEventHistory::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            access: Arc::new(MockAccessRepository::new()),
            staff: Arc::new(MockStaffRepository::new()),
            tokens: Arc::new(MockTokenRepository::new()),
            due_cases: Arc::new(MockDueCases::new()),
            outbox: Arc::new(MockOutboxRepository::new()),
            budgets: Arc::new(MockBudgetRepository::new()),
            notifications: Arc::new(MockNotificationRepository::new()),
            webhooks: Arc::new(MockWebhookRepository::new()),
            contacts: Arc::new(MockContactRepository::new()),
            organizations: Arc::new(MockOrganizationRepository::new()),
            tags: Arc::new(MockTagRepository::new()),
            person_erasures: Arc::new(MockPersonErasures::new()),
            directory: Arc::new(MockDirectoryRepository::new()),
            uploads: Arc::new(MockUploadRepository::new()),
            retention: Arc::new(MockRetentionRepository::new()),
            index: Arc::new(MockSearchIndex::new()),
            erasure: Arc::new(MockErasureRepository::new()),
            audit: Arc::new(MockAuditRepository::new()),
            acts: Arc::new(NoActs),
            health: Arc::new(MockStoreHealth::new()),
        }
    }
}

/// Records no acts: every port panics when it is used.
struct NoActs;

impl AuditedStore for NoActs {
    fn staff(&self, _: AuditRecord) -> Arc<dyn StaffRepository> {
        Arc::new(MockStaffRepository::new())
    }

    fn tokens(&self, _: AuditRecord) -> Arc<dyn TokenRepository> {
        Arc::new(MockTokenRepository::new())
    }

    fn webhooks(&self, _: AuditRecord) -> Arc<dyn WebhookRepository> {
        Arc::new(MockWebhookRepository::new())
    }

    fn notifications(&self, _: AuditRecord) -> Arc<dyn NotificationRepository> {
        Arc::new(MockNotificationRepository::new())
    }

    fn outbox(&self, _: AuditRecord) -> Arc<dyn OutboxRepository> {
        Arc::new(MockOutboxRepository::new())
    }

    fn access(&self, _: AuditRecord) -> Arc<dyn AccessRepository> {
        Arc::new(MockAccessRepository::new())
    }

    fn erasure(&self, _: AuditRecord) -> Arc<dyn ErasureRepository> {
        Arc::new(MockErasureRepository::new())
    }

    fn person_erasures(&self, _: AuditRecord) -> Arc<dyn PersonErasures> {
        Arc::new(MockPersonErasures::new())
    }

    fn contacts(&self, _: AuditRecord) -> Arc<dyn ContactRepository> {
        Arc::new(MockContactRepository::new())
    }

    fn organizations(&self, _: AuditRecord) -> Arc<dyn OrganizationRepository> {
        Arc::new(MockOrganizationRepository::new())
    }

    fn tags(&self, _: AuditRecord) -> Arc<dyn TagRepository> {
        Arc::new(MockTagRepository::new())
    }
}
