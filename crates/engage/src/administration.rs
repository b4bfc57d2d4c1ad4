use std::sync::Arc;

use engage_application::{
    AuditLog, AuditRecorder, AuditSealer, EndpointCache, ManageContacts, ManageOrganizations,
    ManageStaff, ManageTags, ManageTokens, ManageWebhooks, TagNames, TokenLives,
    TrackNotifications,
};
use engage_domain::organization::PublicDomains;
use engage_notifier::{Notifier, WebhookGuard};
use engage_repository::Store;
use engage_system::{SystemClock, SystemIds};

/// Use cases that need nothing but a store, for commands that run beside a server.
///
/// ```
/// # use std::sync::Arc;
/// use engage::Administration;
/// use engage::application::{Initiator, NewMember, NewToken, TokenLives, TokenMaker};
/// # use engage::domain::Role;
/// # use engage_sqlite::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (id, name, email) = (None, "Jane Smith".parse()?, "jane.smith@desk.example".parse()?);
/// # let (department, phone, expires_at) = (None, None, None);
/// let (administration, by) = (Administration::new(store), Initiator::command_line());
/// let new = NewMember { id, name, email, role: Role::Admin, department, phone };
/// let jane = administration.staff().add(new, &by).await?;
///
/// // The first administrator needs a token to call the API.
/// let request = NewToken { staff_id: jane.id.clone(), name: None, expires_at };
/// let tokens = administration.tokens(TokenLives::default());
/// let issued = tokens.issue(request, &TokenMaker::CommandLine, &by).await?;
/// assert!(issued.secret.expose().starts_with("eng_"));
/// assert_eq!(tokens.list(&jane.id).await?, [issued.token]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Administration {
    store: Arc<dyn Store>,
}

impl Administration {
    /// Creates the use cases on a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Returns the management of staff.
    pub fn staff(&self) -> ManageStaff {
        let (staff, acts) = (self.store(), self.store());
        ManageStaff::new(staff, acts, Arc::new(SystemClock), Self::recorder())
    }

    /// Returns the management of tokens of staff.
    pub fn tokens(&self, lives: TokenLives) -> ManageTokens {
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
        ManageTokens::new(self.store(), self.store(), self.store(), clock, ids, lives)
    }

    /// Returns the management of webhook endpoints, which sends test events by a channel and checks
    /// URLs by its guard.
    pub fn webhooks(
        &self,
        known: EndpointCache,
        channel: Arc<dyn Notifier>,
        guard: Arc<dyn WebhookGuard>,
    ) -> ManageWebhooks {
        ManageWebhooks {
            endpoints: self.store(),
            acts: self.store(),
            notifications: self.store(),
            guard,
            channel,
            known,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
        }
    }

    /// Returns the management of contacts.
    pub fn contacts(&self) -> ManageContacts {
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
        ManageContacts::new(self.store(), self.store(), self.store(), clock, ids)
    }

    /// Returns the management of organizations, none of which can have one of the public domains.
    pub fn organizations(&self, public_domains: PublicDomains) -> ManageOrganizations {
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
        ManageOrganizations::new(self.store(), self.store(), clock, ids)
            .with_public_domains(public_domains)
    }

    /// Returns the management of tags.
    pub fn tags(&self) -> ManageTags {
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(SystemIds));
        ManageTags::new(self.store(), self.store(), clock, ids)
    }

    /// Returns the names of tags.
    pub fn tag_names(&self) -> TagNames {
        TagNames::new(self.store(), Arc::new(SystemClock), Arc::new(SystemIds))
    }

    /// Returns the tracking of notifications.
    pub fn notifications(&self) -> TrackNotifications {
        TrackNotifications::new(self.store(), self.store(), self.store(), Self::recorder())
    }

    /// Returns the audit log.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.store(), Self::recorder(), Arc::new(SystemClock))
    }

    pub(crate) fn sealer(&self) -> AuditSealer {
        AuditSealer::new(self.audit_log())
    }

    pub(crate) fn recorder() -> AuditRecorder {
        AuditRecorder::new(Arc::new(SystemClock), Arc::new(SystemIds))
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}
