//! An [`AuditedStore`] that collects the audit records.

use std::sync::{Arc, Mutex};

use engage_application::{AuditRecorder, Initiator};
use engage_environment::Clock;
use engage_repository::{
    AccessRepository, AuditRecord, AuditedStore, ContactRepository, ErasureRepository,
    NotificationRepository, OrganizationRepository, OutboxRepository, PersonErasures,
    StaffRepository, TagRepository, TokenRepository, WebhookRepository,
};
use engage_testkit::SequentialIds;

/// The collected audit records.
pub(crate) type Records = Arc<Mutex<Vec<AuditRecord>>>;

/// The mocked ports of a test and the audit records passed to them.
#[derive(Default)]
pub(crate) struct Acts {
    pub(crate) staff: Option<Arc<dyn StaffRepository>>,
    pub(crate) tokens: Option<Arc<dyn TokenRepository>>,
    pub(crate) access: Option<Arc<dyn AccessRepository>>,
    pub(crate) notifications: Option<Arc<dyn NotificationRepository>>,
    pub(crate) outbox: Option<Arc<dyn OutboxRepository>>,
    pub(crate) contacts: Option<Arc<dyn ContactRepository>>,
    pub(crate) organizations: Option<Arc<dyn OrganizationRepository>>,
    pub(crate) records: Records,
}

impl Acts {
    fn port<T: ?Sized>(&self, port: Option<&Arc<T>>, record: AuditRecord) -> Arc<T> {
        self.records.lock().unwrap().push(record);
        Arc::clone(port.expect("a port provided by the test"))
    }
}

impl AuditedStore for Acts {
    fn staff(&self, record: AuditRecord) -> Arc<dyn StaffRepository> {
        self.port(self.staff.as_ref(), record)
    }

    fn tokens(&self, record: AuditRecord) -> Arc<dyn TokenRepository> {
        self.port(self.tokens.as_ref(), record)
    }

    fn webhooks(&self, record: AuditRecord) -> Arc<dyn WebhookRepository> {
        self.port(None, record)
    }

    fn notifications(&self, record: AuditRecord) -> Arc<dyn NotificationRepository> {
        self.port(self.notifications.as_ref(), record)
    }

    fn outbox(&self, record: AuditRecord) -> Arc<dyn OutboxRepository> {
        self.port(self.outbox.as_ref(), record)
    }

    fn access(&self, record: AuditRecord) -> Arc<dyn AccessRepository> {
        self.port(self.access.as_ref(), record)
    }

    fn erasure(&self, record: AuditRecord) -> Arc<dyn ErasureRepository> {
        self.port(None, record)
    }

    fn person_erasures(&self, record: AuditRecord) -> Arc<dyn PersonErasures> {
        self.port(None, record)
    }

    fn contacts(&self, record: AuditRecord) -> Arc<dyn ContactRepository> {
        self.port(self.contacts.as_ref(), record)
    }

    fn organizations(&self, record: AuditRecord) -> Arc<dyn OrganizationRepository> {
        self.port(self.organizations.as_ref(), record)
    }

    fn tags(&self, record: AuditRecord) -> Arc<dyn TagRepository> {
        self.port(None, record)
    }
}

pub(crate) fn a_recorder(clock: Arc<dyn Clock>) -> AuditRecorder {
    AuditRecorder::new(clock, Arc::new(SequentialIds::new()))
}

/// Returns an operator on the server.
pub(crate) fn an_operator() -> Initiator {
    Initiator::command_line()
}
