use std::sync::Arc;

use actix_web::web::ServiceConfig;
use engage_application::{
    EndpointDirectory, OutboxSignal, SendingLimits, ServerSecret, TokenLives, TraceSampler,
};
use engage_domain::organization::PublicDomains;
use engage_domain::{Channel, Role};
use engage_http::Book;
use engage_identity::CredentialVerifier;
use engage_notifier::{MessageRenderer, Notifier, SmsReports, WebhookDirectory, WebhookGuard};
use engage_repository::{AttachmentStore, Store};
use engage_system::SystemClock;
use engage_templates::Brand;

use crate::assembly::Engage;
use crate::error::EngageError;
use crate::parts::Parts;
use crate::settings::{CustomerSettings, FileSettings, HttpSettings, RetentionSettings, Rules};

/// Parts of a server that is being assembled. Created by [`Engage::builder`].
///
/// ```
/// # use std::sync::Arc;
/// use engage::domain::Channel;
/// use engage::{Engage, EngageError, Rules};
/// # use engage::application::{ChangeOptions, ServerSecret};
/// # use engage_attachments::AttachmentContents;
/// # use engage_smtp::MailMemory;
/// # use engage_sqlite::SqliteStore;
/// # use engage_templates::Templates;
/// # use engage_testkit::builders::a_new_case;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (store, secret) = (Arc::new(SqliteStore::in_memory()?), ServerSecret::from_bits([7; 32]));
/// # let files = Arc::new(AttachmentContents::in_memory());
/// # let sender = "support@example.com".parse()?;
/// # let mailer = Arc::new(MailMemory::new(sender, Arc::new(Templates::default())));
/// let builder = || Engage::builder(store.clone(), files.clone(), secret.clone());
/// assert!(matches!(builder().build(), Err(EngageError::NoEmailChannel)));
///
/// let rules = Rules { number_prefix: "HELP".parse()?, ..Rules::default() };
/// let engage = builder().channel(Channel::Email, mailer).rules(rules).build()?;
/// # let open_case = &engage.customers().open_case;
/// let opened = open_case.execute(a_new_case(), &ChangeOptions::default()).await?;
/// let case = opened.outcome.into_changed().expect("it is the first request").case;
/// assert!(case.number().to_string().starts_with("HELP-"));
/// # Ok(())
/// # }
/// ```
pub struct EngageBuilder(Parts);

impl Engage {
    /// Begins to assemble a server on a store and a storage of files.
    ///
    /// The secret signs the access tokens of customers. It must be the same on each server of a
    /// database.
    pub fn builder(
        store: Arc<dyn Store>,
        files: Arc<dyn AttachmentStore>,
        secret: ServerSecret,
    ) -> EngageBuilder {
        EngageBuilder(Parts::new(store, files, secret))
    }
}

impl EngageBuilder {
    /// Adds or replaces the channel for e-mail or text messages. Webhooks need
    /// [`webhooks`](Self::webhooks).
    ///
    /// A channel for e-mail is required. Without one for text messages, none are planned.
    #[must_use]
    pub fn channel(mut self, channel: Channel, notifier: Arc<dyn Notifier>) -> Self {
        self.0.notifiers.insert(channel, notifier);
        self
    }

    /// Adds the channel for webhooks, and the guard that checks the URLs of new endpoints. The
    /// channel finds the endpoints in [`webhook_directory`](Self::webhook_directory).
    ///
    /// Without this channel, no endpoint can be registered and no event is sent.
    #[must_use]
    pub fn webhooks(self, notifier: Arc<dyn Notifier>, guard: Arc<dyn WebhookGuard>) -> Self {
        let mut with_channel = self.channel(Channel::Webhook, notifier);
        with_channel.0.guard = Some(guard);
        with_channel
    }

    /// Returns the directory of the registered webhook endpoints, for a webhook channel.
    pub fn webhook_directory(&self) -> Arc<dyn WebhookDirectory> {
        Arc::new(EndpointDirectory::new(self.0.endpoints.clone(), Arc::new(SystemClock)))
    }

    /// Returns the templates for channels of e-mail and text messages, with the brand that is set so
    /// far.
    pub fn templates(&self) -> Arc<dyn MessageRenderer> {
        self.0.templates()
    }

    /// Adds the parser of the SMS provider's delivery reports.
    #[must_use]
    pub fn sms_reports(mut self, reports: Arc<dyn SmsReports>) -> Self {
        self.0.sms_reports = Some(reports);
        self
    }

    /// Sets the name and look of the e-mails and of the customers' page.
    #[must_use]
    pub fn brand(mut self, brand: Brand) -> Self {
        self.0.brand = brand;
        self
    }

    /// Replaces the templates that the health check renders. Channels have a renderer of their own.
    #[must_use]
    pub fn renderer(mut self, renderer: Arc<dyn MessageRenderer>) -> Self {
        self.0.renderer = Some(renderer);
        self
    }

    /// Adds a verifier of staff credentials, such as of an identity provider. Verifiers are asked in
    /// the order in which they were added, after that of Engage's own tokens.
    #[must_use]
    pub fn verifier(mut self, verifier: Arc<dyn CredentialVerifier>) -> Self {
        self.0.verifiers.push(verifier);
        self
    }

    /// Sets the policies, the recipients of notifications and the start of case numbers.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.0.rules = rules;
        self
    }

    /// Sets the domains at which anybody can have an address, so that no organization can have them.
    #[must_use]
    pub fn public_domains(mut self, public_domains: PublicDomains) -> Self {
        self.0.public_domains = public_domains;
        self
    }

    /// Lets only members with this role or a higher one create tags. Agents may by default.
    #[must_use]
    pub fn tags_created_by(mut self, creator: Role) -> Self {
        self.0.tag_creator = creator;
        self
    }

    /// Sets how customers prove that a case is theirs.
    #[must_use]
    pub fn customers(mut self, customers: CustomerSettings) -> Self {
        self.0.customers = customers;
        self
    }

    /// Sets the limits on files.
    #[must_use]
    pub fn files(mut self, files: FileSettings) -> Self {
        self.0.files = files;
        self
    }

    /// Sets how long data is retained.
    #[must_use]
    pub fn retention(mut self, retention: RetentionSettings) -> Self {
        self.0.retention = retention;
        self
    }

    /// Sets the limits on notifications caused by customers.
    #[must_use]
    pub fn sending_limits(mut self, limits: SendingLimits) -> Self {
        self.0.dispatcher.limits = limits;
        self
    }

    /// Sets the lifetimes of tokens that members of staff create.
    #[must_use]
    pub fn token_lives(mut self, token_lives: TokenLives) -> Self {
        self.0.token_lives = token_lives;
        self
    }

    /// Sets the URL at which clients reach the server, without a query and a fragment. It is the base
    /// of the links in e-mails. The default is `http://127.0.0.1:3000`.
    #[must_use]
    pub fn public_url(mut self, public_url: String) -> Self {
        self.0.public_url = public_url;
        self
    }

    /// Sets the network and the metrics of the HTTP server.
    #[must_use]
    pub fn http(mut self, http: HttpSettings) -> Self {
        self.0.http = http;
        self
    }

    /// Serves a book of documentation at `/book/`. Without one, that path responds with 404.
    #[must_use]
    pub fn book(mut self, book: Book) -> Self {
        self.0.book = book;
        self
    }

    /// Sets the signal that wakes the dispatcher, so that commits of other processes can wake it.
    #[must_use]
    pub fn outbox_signal(mut self, outbox_signal: OutboxSignal) -> Self {
        self.0.outbox_signal = outbox_signal;
        self
    }

    /// Sets which of the traces that start here are sampled. The default is all. Traces of callers keep
    /// their decision.
    #[must_use]
    pub fn trace_sampler(mut self, sampler: TraceSampler) -> Self {
        self.0.sampler = sampler;
        self
    }

    /// Adds routes of your own. They are served behind the same middleware, such as rate limits, but
    /// are not part of the OpenAPI description. They cannot replace Engage's routes.
    #[must_use]
    pub fn configure(
        mut self,
        routes: impl Fn(&mut ServiceConfig) + Send + Sync + 'static,
    ) -> Self {
        self.0.routes = Some(Arc::new(routes));
        self
    }

    /// Assembles the server.
    ///
    /// Fails if there is no channel for e-mail, or if the public URL has a query or a fragment.
    pub fn build(self) -> Result<Engage, EngageError> {
        Engage::assemble(&self.0)
    }
}
