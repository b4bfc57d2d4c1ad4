use std::sync::Arc;

use engage_application::{
    AccessTokens, AssignCase, Attachments, AuditSealer, Authenticate, CancelCase, CaseChanges,
    CasePorts, CaseRecords, CaseRules, Contracts, CorrectCase, CustomerAuthorizer, CustomerLinks,
    Dispatcher, DownloadAttachment, DueCaseRunner, DueCaseSettings, EndpointHealth, EraseCase,
    ErasePerson, EscalateCase, FollowEvents, GaugePorts, Gauges, GetCase, Idempotency, ListCases,
    LookUpCase, ManageParticipants, ManageWebhooks, NewParticipants, OpaqueTokens, OpenCase,
    OpenCaseByStaff, PersonErasurePorts, PersonErasureRunner, PersonErasureSettings,
    ProcessDueCase, ReadHistory, RecoverAccess, RedactCase, ReplyToCase, RetentionWorker,
    RotateAccess, SuccessesNoted, Unsubscribe, UpdateCase, WebhookTargets,
};
use engage_domain::{Channel, NotificationMatrix};
use engage_http::{
    Api, CustomerUseCases, HealthChecks, Liveness, Metrics, MetricsAccess, PageLook, Shutdown,
    SmsCallbacks, StaffUseCases, SupportPage,
};
use engage_identity::CredentialVerifier;
use engage_notifier::{Notifier, WebhookGuard};
use engage_repository::Store;
use engage_system::{SystemClock, SystemIds};

use crate::administration::Administration;
use crate::error::EngageError;
use crate::no_webhooks::NoWebhooks;
use crate::parts::Parts;

/// An assembled server, ready to run.
///
/// ```
/// # use std::sync::Arc;
/// use engage::Engage;
/// use engage::application::{ChangeOptions, ServerSecret};
/// use engage::domain::Channel;
/// # use engage_attachments::AttachmentContents;
/// # use engage_smtp::MailMemory;
/// # use engage_sqlite::SqliteStore;
/// # use engage_templates::Templates;
/// # use engage_testkit::builders::a_new_case;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let files = Arc::new(AttachmentContents::in_memory());
/// # let sender = "support@example.com".parse()?;
/// # let mailer = Arc::new(MailMemory::new(sender, Arc::new(Templates::default())));
/// let (store, secret) = (Arc::new(SqliteStore::in_memory()?), ServerSecret::from_bits([7; 32]));
/// let engage = Engage::builder(store, files, secret).channel(Channel::Email, mailer).build()?;
///
/// // The use cases behind the HTTP API can also be called.
/// let open_case = &engage.customers().open_case;
/// let opened = open_case.execute(a_new_case(), &ChangeOptions::default()).await?;
/// let case = opened.outcome.into_changed().expect("it is the first request").case;
/// assert!(case.number().to_string().starts_with("CW-"));
/// # Ok(())
/// # }
/// ```
pub struct Engage {
    pub(crate) api: Api,
    pub(crate) workers: usize,
    pub(crate) changes: Arc<CaseChanges>,
    pub(crate) background: Background,
    pub(crate) sealer: AuditSealer,
}

/// Workers of a server that delivers notifications.
pub(crate) struct Background {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) due_case_worker: DueCaseRunner,
    pub(crate) retention_worker: RetentionWorker,
    pub(crate) person_erasure_worker: PersonErasureRunner,
}

impl Engage {
    /// Returns the changes of cases, for use cases of your own.
    pub fn case_changes(&self) -> &Arc<CaseChanges> {
        &self.changes
    }

    /// Returns the use cases of customers.
    pub fn customers(&self) -> &CustomerUseCases {
        &self.api.customers
    }

    /// Returns the use cases of staff.
    pub fn staff(&self) -> &StaffUseCases {
        &self.api.staff
    }

    /// Returns the reports of the server's threads: when it is ready, and whether it still responds.
    ///
    /// A supervisor can be told so. Take the reports before the server is run, which consumes it.
    pub fn liveness(&self) -> Liveness {
        self.api.liveness.clone()
    }

    pub(crate) fn assemble(parts: &Parts) -> Result<Self, EngageError> {
        if !parts.notifiers.contains_key(&Channel::Email) {
            return Err(EngageError::NoEmailChannel);
        }
        let tokens = AccessTokens::new(&parts.secret, parts.customers.token_lifetime);
        let dispatcher = dispatcher(parts, tokens.clone())?;
        let changes = Arc::new(case_changes(parts, tokens.clone()));
        let attachments = attachments(parts);
        let process =
            ProcessDueCase::new(Arc::clone(&changes), store(parts)).with_sampler(parts.sampler);
        let due_case_worker = DueCaseRunner::new(
            process,
            store(parts),
            Arc::new(SystemClock),
            DueCaseSettings::default(),
        );
        let person_erasure_worker = PersonErasureRunner::new(
            Arc::clone(&changes),
            person_erasure(parts, &changes, &attachments, &tokens),
            PersonErasureSettings::default(),
        );
        let api = Api {
            customers: customers(parts, &changes, &attachments, &tokens),
            staff: staff(parts, &changes, &attachments, &tokens),
            support_page: support_page(parts)?,
            book: parts.book,
            authenticate: authenticate(parts),
            health: HealthChecks {
                store: store(parts),
                renderer: parts.templates(),
                dispatcher: dispatcher.status(),
                notifications: administration(parts).notifications(),
                clock: Arc::new(SystemClock),
            },
            metrics: metrics(parts),
            sms_callbacks: SmsCallbacks {
                reports: parts.sms_reports.clone(),
                track: administration(parts).notifications(),
            },
            member_limits: parts.http.member_limits,
            network: parts.http.network.clone(),
            sampler: parts.sampler,
            shutdown: Shutdown::default(),
            liveness: Liveness::default(),
            routes: parts.routes.clone(),
        };
        Ok(Self {
            api,
            workers: parts.http.workers,
            changes,
            background: Background {
                dispatcher,
                due_case_worker,
                retention_worker: retention_worker(parts, attachments),
                person_erasure_worker,
            },
            sealer: administration(parts).sealer(),
        })
    }
}

fn store(parts: &Parts) -> Arc<dyn Store> {
    Arc::clone(&parts.store)
}

fn administration(parts: &Parts) -> Administration {
    Administration::new(store(parts))
}

fn dispatcher(parts: &Parts, tokens: AccessTokens) -> Result<Dispatcher, EngageError> {
    let endpoints = EndpointHealth {
        endpoints: store(parts),
        known: parts.endpoints.clone(),
        staff: store(parts),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        noted: SuccessesNoted::default(),
    };
    Ok(Dispatcher::new(
        store(parts),
        parts.notifiers.clone(),
        endpoints,
        links(&parts.public_url, tokens)?,
        parts.outbox_signal.clone(),
        parts.dispatcher,
    )
    .with_sampler(parts.sampler))
}

/// Returns the links for e-mails to customers.
fn links(public_url: &str, tokens: AccessTokens) -> Result<CustomerLinks, EngageError> {
    if public_url.contains(['?', '#']) {
        return Err(EngageError::PublicUrl);
    }
    Ok(CustomerLinks::new(tokens, format!("{}/support", public_url.trim_end_matches('/'))))
}

fn case_changes(parts: &Parts, tokens: AccessTokens) -> CaseChanges {
    let case_ports = CasePorts {
        cases: store(parts),
        numbers: store(parts),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        authorizer: authorizer(parts, tokens),
        idempotency: Idempotency::new(
            store(parts),
            Arc::new(SystemClock),
            parts.retention.idempotency,
        ),
        webhooks: targets(parts),
        contracts: Some(Contracts::new(store(parts), store(parts))),
        outbox_signal: parts.outbox_signal.clone(),
    };
    let rules = CaseRules {
        number_prefix: parts.rules.number_prefix.clone(),
        policies: parts.rules.policies.clone(),
        matrix: reachable(parts),
        contacts: parts.rules.contacts.clone(),
        ..CaseRules::default()
    };
    CaseChanges::new(case_ports, rules)
}

/// Returns the notification matrix without the channels that this server does not have. Their
/// notifications would wait in the outbox for ever.
fn reachable(parts: &Parts) -> NotificationMatrix {
    let has = |channel| parts.notifiers.contains_key(&channel);
    let mut matrix = parts.rules.matrix.clone();
    for rule in matrix.rules.values_mut() {
        rule.recipients.retain(|&channel, _| has(channel));
        rule.webhook &= has(Channel::Webhook);
    }
    matrix
}

fn authorizer(parts: &Parts, tokens: AccessTokens) -> CustomerAuthorizer {
    CustomerAuthorizer::new(parts.customers.access, tokens, Arc::new(SystemClock))
}

fn targets(parts: &Parts) -> WebhookTargets {
    WebhookTargets::from(parts.endpoints.clone())
}

fn attachments(parts: &Parts) -> Attachments {
    Attachments {
        contents: Arc::clone(&parts.contents),
        uploads: store(parts),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        lifetime: parts.files.lifetime,
        floor: parts.files.floor,
    }
}

fn customers(
    parts: &Parts,
    changes: &Arc<CaseChanges>,
    attachments: &Attachments,
    tokens: &AccessTokens,
) -> CustomerUseCases {
    CustomerUseCases {
        open_case: OpenCase::new(Arc::clone(changes), tokens.clone(), attachments.clone()),
        look_up_case: LookUpCase::new(store(parts), authorizer(parts, tokens.clone())),
        download_attachment: DownloadAttachment::new(
            store(parts),
            authorizer(parts, tokens.clone()),
            attachments.clone(),
        ),
        escalate_case: EscalateCase::new(Arc::clone(changes)),
        reply_to_case: ReplyToCase::new(Arc::clone(changes), attachments.clone()),
        attachments: attachments.clone(),
        cancel_case: CancelCase::new(Arc::clone(changes)),
        manage_participants: manage_participants(parts, changes),
        unsubscribe: Unsubscribe::new(Arc::clone(changes), tokens.clone()),
        recover_access: RecoverAccess {
            cases: store(parts),
            access: store(parts),
            tokens: tokens.clone(),
            changes: Arc::clone(changes),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            outbox_signal: parts.outbox_signal.clone(),
        },
    }
}

fn staff(
    parts: &Parts,
    changes: &Arc<CaseChanges>,
    attachments: &Attachments,
    tokens: &AccessTokens,
) -> StaffUseCases {
    let read_history = ReadHistory::new(store(parts));
    let policies = parts.rules.policies.clone();
    let administration = administration(parts);
    StaffUseCases {
        open_case_by_staff: OpenCaseByStaff::new(
            Arc::clone(changes),
            store(parts),
            attachments.clone(),
        ),
        list_cases: ListCases::new(store(parts), store(parts), store(parts)),
        get_case: GetCase::new(store(parts), policies, Arc::new(SystemClock)),
        follow_events: FollowEvents::new(read_history.clone()),
        read_history,
        update_case: UpdateCase::new(Arc::clone(changes), attachments.clone()),
        attachments: attachments.clone(),
        assign_case: AssignCase::new(Arc::clone(changes), store(parts)),
        escalate_case: EscalateCase::new(Arc::clone(changes)),
        correct_case: CorrectCase::new(Arc::clone(changes)),
        manage_participants: manage_participants(parts, changes),
        redact_case: RedactCase::new(Arc::clone(changes), store(parts), attachments.clone()),
        erase_case: EraseCase::new(Arc::clone(changes), records(parts, attachments)),
        erase_person: ErasePerson::new(person_erasure(parts, changes, attachments, tokens)),
        rotate_access: RotateAccess::new(store(parts), Administration::recorder()),
        track_notifications: administration.notifications().with_access_tokens(tokens.clone()),
        audit: administration.audit_log(),
        manage_webhooks: manage_webhooks(parts),
        manage_contacts: administration.contacts(),
        manage_organizations: administration.organizations(parts.public_domains.clone()),
        manage_staff: administration.staff(),
        manage_tags: administration.tags(),
        tag_names: administration.tag_names().created_by(parts.tag_creator),
        manage_tokens: administration.tokens(parts.token_lives),
    }
}

fn manage_participants(parts: &Parts, changes: &Arc<CaseChanges>) -> ManageParticipants {
    let refused = parts.customers.refused_participants.clone();
    let new = NewParticipants::new(store(parts), parts.customers.new_participants);
    ManageParticipants::new(Arc::clone(changes), store(parts), Arc::new(SystemIds), refused, new)
}

fn records(parts: &Parts, attachments: &Attachments) -> CaseRecords {
    CaseRecords {
        cases: store(parts),
        history: store(parts),
        erasure: store(parts),
        acts: store(parts),
        recorder: Administration::recorder(),
        attachments: attachments.clone(),
    }
}

fn person_erasure(
    parts: &Parts,
    changes: &Arc<CaseChanges>,
    attachments: &Attachments,
    tokens: &AccessTokens,
) -> PersonErasurePorts {
    let records = records(parts, attachments);
    PersonErasurePorts {
        erasures: store(parts),
        contacts: store(parts),
        organizations: store(parts),
        staff: store(parts),
        erase_case: EraseCase::new(Arc::clone(changes), records.clone()),
        tokens: tokens.clone(),
        records,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
    }
}

fn manage_webhooks(parts: &Parts) -> ManageWebhooks {
    let channel = parts.notifiers.get(&Channel::Webhook).cloned();
    let channel: Arc<dyn Notifier> = channel.unwrap_or_else(|| Arc::new(NoWebhooks));
    let guard: Arc<dyn WebhookGuard> = parts.guard.clone().unwrap_or_else(|| Arc::new(NoWebhooks));
    administration(parts).webhooks(parts.endpoints.clone(), channel, guard)
}

/// Returns the authentication of staff, by Engage's own tokens first.
fn authenticate(parts: &Parts) -> Authenticate {
    let mut verifiers: Vec<Arc<dyn CredentialVerifier>> =
        vec![Arc::new(OpaqueTokens::new(store(parts)))];
    verifiers.extend(parts.verifiers.iter().cloned());
    Authenticate::new(verifiers, store(parts), Arc::new(SystemClock)).with_directory(targets(parts))
}

fn support_page(parts: &Parts) -> Result<SupportPage, EngageError> {
    let brand = &parts.brand;
    let address = brand.support_email.as_ref().map(ToString::to_string);
    Ok(SupportPage::new(&PageLook {
        name: brand.name.to_string(),
        colour: brand.colour.to_string(),
        ink: brand.colour.ink().to_string(),
        contact: address.zip(brand.mailto()),
        access: parts.customers.access,
    })?)
}

fn metrics(parts: &Parts) -> Metrics {
    let gauges = Gauges::new(GaugePorts {
        queries: store(parts),
        due_cases: store(parts),
        notifications: store(parts),
        outbox: store(parts),
        audit: store(parts),
        store: store(parts),
        clock: Arc::new(SystemClock),
    });
    let (access, render) = match &parts.http.metrics {
        Some(endpoint) => (endpoint.access.clone(), Arc::clone(&endpoint.render)),
        None => (MetricsAccess::Closed, Arc::new(String::new) as _),
    };
    Metrics { access, gauges: Arc::new(gauges), render }
}

fn retention_worker(parts: &Parts, attachments: Attachments) -> RetentionWorker {
    let retention = parts.retention.records;
    RetentionWorker::new(attachments, store(parts), store(parts), store(parts), retention)
}
