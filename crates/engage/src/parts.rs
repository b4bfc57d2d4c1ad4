//! Parts of a server that is being assembled.

use std::collections::HashMap;
use std::sync::Arc;

use engage_application::{
    DispatcherSettings, EndpointCache, OutboxSignal, ServerSecret, TokenLives, TraceSampler,
};
use engage_domain::organization::PublicDomains;
use engage_domain::{Channel, Role};
use engage_http::{Book, ConfigureRoutes};
use engage_identity::CredentialVerifier;
use engage_notifier::{MessageRenderer, Notifier, SmsReports, WebhookGuard};
use engage_repository::{AttachmentStore, Store};
use engage_templates::{Brand, Templates};

use crate::settings::{CustomerSettings, FileSettings, HttpSettings, RetentionSettings, Rules};

pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) contents: Arc<dyn AttachmentStore>,
    pub(crate) secret: ServerSecret,
    pub(crate) endpoints: EndpointCache,
    pub(crate) rules: Rules,
    pub(crate) customers: CustomerSettings,
    pub(crate) public_domains: PublicDomains,
    pub(crate) tag_creator: Role,
    pub(crate) files: FileSettings,
    pub(crate) retention: RetentionSettings,
    pub(crate) http: HttpSettings,
    pub(crate) book: Book,
    pub(crate) public_url: String,
    pub(crate) dispatcher: DispatcherSettings,
    pub(crate) token_lives: TokenLives,
    pub(crate) brand: Brand,
    pub(crate) renderer: Option<Arc<dyn MessageRenderer>>,
    pub(crate) notifiers: HashMap<Channel, Arc<dyn Notifier>>,
    pub(crate) guard: Option<Arc<dyn WebhookGuard>>,
    pub(crate) sms_reports: Option<Arc<dyn SmsReports>>,
    pub(crate) verifiers: Vec<Arc<dyn CredentialVerifier>>,
    pub(crate) outbox_signal: OutboxSignal,
    pub(crate) sampler: TraceSampler,
    pub(crate) routes: Option<ConfigureRoutes>,
}

impl Parts {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        contents: Arc<dyn AttachmentStore>,
        secret: ServerSecret,
    ) -> Self {
        Self {
            endpoints: EndpointCache::new(Arc::clone(&store) as _, Arc::clone(&store) as _),
            store,
            contents,
            secret,
            rules: Rules::default(),
            customers: CustomerSettings::default(),
            public_domains: PublicDomains::default(),
            tag_creator: Role::Agent,
            files: FileSettings::default(),
            retention: RetentionSettings::default(),
            http: HttpSettings::default(),
            book: Book::default(),
            public_url: "http://127.0.0.1:3000".to_owned(),
            dispatcher: DispatcherSettings::default(),
            token_lives: TokenLives::default(),
            brand: Brand::default(),
            renderer: None,
            notifiers: HashMap::new(),
            guard: None,
            sms_reports: None,
            verifiers: Vec::new(),
            outbox_signal: OutboxSignal::default(),
            sampler: TraceSampler::default(),
            routes: None,
        }
    }

    /// Returns the renderer for the health check and for channels that use the brand.
    pub(crate) fn templates(&self) -> Arc<dyn MessageRenderer> {
        match &self.renderer {
            Some(renderer) => Arc::clone(renderer),
            None => Arc::new(Templates::new(self.brand.clone())),
        }
    }
}
