//! Mocked ports for the use cases, and assertions about the change sets they commit.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engage_application::{
    AccessMode, AccessTokens, Attachments, CaseChanges, CaseCommand, CaseError, CasePorts,
    CaseRules, ChangeOutcome, Changed, Contracts, CustomerAuthorizer, CustomerLinks, Dispatcher,
    DispatcherSettings, EndpointCache, EndpointHealth, Idempotency, OutboxSignal, Proof,
    ServerSecret, SpaceFloor, SuccessesNoted, WebhookTargets,
};
use engage_domain::case::CaseNumberPrefix;
use engage_domain::notify::WebhookTarget;
use engage_domain::{
    Audience, Case, Channel, Contacts, NotificationMatrix, Policies, StaffMember, WebhookId,
};
use engage_environment::{Clock, IdGenerator};
use engage_notifier::Snapshot;
use engage_repository::{
    CaseNumbers, CaseRepository, ChangeSet, MockAttachmentStore, MockCaseNumbers,
    MockCaseRepository, MockDirectoryRepository, MockIdempotencyRepository, MockOutboxRepository,
    MockStaffRepository, MockUploadRepository, MockWebhookRepository, RepositoryError, StoredCase,
    WebhookRepository,
};
use engage_testkit::builders::{
    a_case_number, a_staff_member, an_opened, assigned, by, minutes_later,
};
use engage_testkit::{ManualClock, SequentialIds};
use mockall::predicate::eq;
use tokio::sync::watch;

/// The committed change sets, in order.
pub(crate) type Committed = Arc<Mutex<Vec<ChangeSet>>>;

pub(crate) fn contacts() -> Contacts {
    Contacts {
        team: Some("team@desk.example".parse().unwrap()),
        management: Some("management@desk.example".parse().unwrap()),
        operations: Some("operations@desk.example".parse().unwrap()),
        on_call: vec!["+491111111".parse().unwrap(), "+492222222".parse().unwrap()],
    }
}

pub(crate) fn webhooks() -> Vec<WebhookTarget> {
    vec![WebhookTarget {
        id: WebhookId::from_u128(7),
        event_types: Vec::new(),
        event_subtypes: Vec::new(),
        includes_internal: true,
    }]
}

/// Access tokens with a lifetime of one hour.
pub(crate) fn tokens() -> AccessTokens {
    AccessTokens::new(&ServerSecret::from_bits([7; 32]), Duration::from_hours(1))
}

pub(crate) fn links() -> CustomerLinks {
    CustomerLinks::new(tokens(), "https://desk.example/support".to_owned())
}

/// An authorizer whose clock shows the start of every test.
pub(crate) fn an_authorizer(mode: AccessMode) -> CustomerAuthorizer {
    CustomerAuthorizer::new(mode, tokens(), Arc::new(ManualClock::new()))
}

/// Stored responses to earlier requests.
pub(crate) fn responses(stored: MockIdempotencyRepository) -> Idempotency {
    Idempotency::new(Arc::new(stored), Arc::new(ManualClock::new()), Idempotency::DEFAULT_RETENTION)
}

/// Attachments that must not be used.
pub(crate) fn attachments() -> Attachments {
    Attachments {
        contents: Arc::new(MockAttachmentStore::new()),
        uploads: Arc::new(MockUploadRepository::new()),
        clock: Arc::new(ManualClock::new()),
        ids: Arc::new(SequentialIds::new()),
        lifetime: Duration::from_hours(24),
        floor: SpaceFloor::default(),
    }
}

/// A request of a customer without proof.
pub(crate) fn by_customer(number: u64) -> CaseCommand {
    CaseCommand::by_customer(a_case_number(number), Proof::default())
}

/// A request of a member of staff.
pub(crate) fn by_member(number: u64, member: &StaffMember) -> CaseCommand {
    CaseCommand::by_staff(a_case_number(number), member.to_ref())
}

/// Returns the change made by a request without an idempotency key.
pub(crate) fn made<R: std::error::Error>(outcome: Result<ChangeOutcome, CaseError<R>>) -> Changed {
    outcome.unwrap().into_changed().expect("a change without a key cannot be a repetition")
}

/// Ports and configuration of a use case, which tests override as needed.
pub(crate) struct Setup {
    pub(crate) cases: Arc<dyn CaseRepository>,
    pub(crate) numbers: Arc<dyn CaseNumbers>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) number_prefix: CaseNumberPrefix,
    pub(crate) policies: Policies,
    pub(crate) matrix: NotificationMatrix,
    pub(crate) contacts: Contacts,
    pub(crate) authorizer: CustomerAuthorizer,
    pub(crate) idempotency: Idempotency,
    pub(crate) webhooks: WebhookTargets,
    pub(crate) contracts: Option<Contracts>,
    pub(crate) outbox_signal: OutboxSignal,
    pub(crate) patience: Duration,
}

impl Setup {
    pub(crate) fn changes(self) -> CaseChanges {
        let Self { number_prefix, policies, matrix, contacts, patience, .. } = self;
        let ports = CasePorts {
            cases: self.cases,
            numbers: self.numbers,
            clock: self.clock,
            ids: self.ids,
            authorizer: self.authorizer,
            idempotency: self.idempotency,
            webhooks: self.webhooks,
            contracts: self.contracts,
            outbox_signal: self.outbox_signal,
        };
        CaseChanges::new(ports, CaseRules { number_prefix, policies, matrix, contacts, patience })
    }
}

/// A setup that cannot draw case numbers.
pub(crate) fn a_setup(cases: impl CaseRepository + 'static) -> Setup {
    Setup {
        cases: Arc::new(cases),
        numbers: Arc::new(MockCaseNumbers::new()),
        clock: Arc::new(ManualClock::new()),
        ids: Arc::new(SequentialIds::new()),
        number_prefix: CaseNumberPrefix::default(),
        policies: Policies::default(),
        matrix: NotificationMatrix::default(),
        contacts: contacts(),
        authorizer: an_authorizer(AccessMode::CaseNumber),
        idempotency: responses(MockIdempotencyRepository::new()),
        webhooks: webhooks().into(),
        contracts: None,
        outbox_signal: OutboxSignal::default(),
        patience: Duration::from_secs(2),
    }
}

/// A clock that shows some minutes after the start of every test.
pub(crate) fn a_clock_at(minutes: u64) -> Arc<ManualClock> {
    let clock = ManualClock::new();
    clock.set(minutes_later(minutes));
    Arc::new(clock)
}

/// Builds the service that changes cases, one hour after the start.
pub(crate) fn changes(cases: impl CaseRepository + 'static) -> Arc<CaseChanges> {
    let setup = Setup { clock: a_clock_at(60), ..a_setup(cases) };
    Arc::new(setup.changes())
}

/// Storage that accepts a single commit.
pub(crate) fn taking_one_commit() -> (MockCaseRepository, Committed) {
    let mut cases = MockCaseRepository::new();
    let committed = Committed::default();
    let log = committed.clone();
    cases.expect_commit().once().returning(move |change_set| {
        log.lock().unwrap().push(change_set);
        Ok(())
    });
    (cases, committed)
}

/// Storage of one case that accepts a single change.
pub(crate) fn holding(stored: StoredCase) -> (MockCaseRepository, Committed) {
    let (mut cases, committed) = taking_one_commit();
    read_once(&mut cases, stored);
    (cases, committed)
}

/// Storage of one case that must not be changed.
pub(crate) fn holding_for_good(stored: StoredCase) -> MockCaseRepository {
    let mut cases = MockCaseRepository::new();
    read_once(&mut cases, stored);
    cases.expect_commit().never();
    cases
}

fn read_once(cases: &mut MockCaseRepository, stored: StoredCase) {
    let number = stored.case.number().clone();
    let mut stored = Some(stored);
    cases.expect_find_case().with(eq(number)).once().returning(move |_| Ok(stored.take()));
}

/// Storage without any cases.
pub(crate) fn holding_nothing() -> MockCaseRepository {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().returning(|_| Ok(None));
    cases.expect_commit().never();
    cases
}

pub(crate) fn no_connection() -> RepositoryError {
    RepositoryError::unavailable("no connection")
}

/// Storage that is unavailable.
pub(crate) fn out_of_reach() -> MockCaseRepository {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().once().returning(|_| Err(no_connection()));
    cases.expect_commit().never();
    cases
}

pub(crate) fn assert_unavailable<T: std::fmt::Debug, R: std::error::Error>(
    outcome: &Result<T, CaseError<R>>,
) {
    let passed_on = matches!(outcome, Err(CaseError::Repository(RepositoryError::Unavailable(_))));
    assert!(passed_on, "{outcome:?}");
}

pub(crate) fn unassigned() -> StoredCase {
    StoredCase::new(an_opened(1).case, None)
}

/// A case assigned to a member of staff with a phone number.
pub(crate) fn held_by(id: &str) -> StoredCase {
    let member = a_colleague(id);
    let opened = an_opened(1).case;
    let case = assigned(&opened, Some(&member), by(&member), minutes_later(1)).case;
    StoredCase::new(case, Some(member))
}

/// A member of staff with a phone number that depends on the id.
pub(crate) fn a_colleague(id: &str) -> StaffMember {
    let digits: u32 = id.bytes().map(u32::from).sum();
    StaffMember { phone: Some(format!("+4900000{digits}").parse().unwrap()), ..a_staff_member(id) }
}

/// Returns the only change set that was committed.
pub(crate) fn the_one(committed: &Committed) -> ChangeSet {
    let mut committed = committed.lock().unwrap();
    assert_eq!(committed.len(), 1, "a change is a single commit");
    committed.remove(0)
}

/// Asserts that a change set contains the notifications of the default matrix and the snapshot of
/// its event. `assignee` is the current assignee of the case, `previous` the former one.
pub(crate) fn assert_announced(
    change_set: &ChangeSet,
    assignee: Option<&StaffMember>,
    previous: Option<&StaffMember>,
) {
    let ChangeSet { case, event, snapshot, messages, .. } = change_set;
    let (contacts, webhooks) = (contacts(), webhooks());
    let audience = Audience {
        contacts: &contacts,
        assignee,
        previous_assignee: previous,
        webhooks: &webhooks,
        includes_customer: true,
    };
    let plan = NotificationMatrix::default().plan(event, case.facts(), &audience);
    let planned: Vec<_> = plan.into_iter().map(|m| (m.template, m.address)).collect();
    let written: Vec<_> = messages.iter().map(|m| (m.template, m.address.clone())).collect();
    assert_eq!(written, planned);
    let ids: HashSet<_> = messages.iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), messages.len(), "every notification has a unique id");

    let read: Snapshot = serde_json::from_str(snapshot).expect("a valid snapshot");
    let named = assignee.map(StaffMember::to_ref);
    assert_eq!(read, Snapshot::new(event, case.facts(), named.as_ref()));
    assert_eq!(event.sequence, case.version());
}

/// Formats the notifications of a change set as template and address.
pub(crate) fn announcements(change_set: &ChangeSet) -> Vec<String> {
    let written = change_set.messages.iter();
    written.map(|message| format!("{} {}", message.template, message.address)).collect()
}

/// Asserts that the change was based on the version that was read.
pub(crate) fn assert_follows(change_set: &ChangeSet, read: &Case) {
    assert_eq!(change_set.base_version(), Some(read.version()));
    assert_eq!(change_set.case.facts().id, read.facts().id);
}

/// Counts outbox signals, with a dispatcher that only polls when it is notified.
pub(crate) struct Listener {
    pub(crate) outbox_signal: OutboxSignal,
    looks: Arc<AtomicUsize>,
    _stop: watch::Sender<bool>,
}

impl Listener {
    /// Starts the dispatcher. Requires a paused clock.
    pub(crate) async fn listen() -> Self {
        let outbox_signal = OutboxSignal::default();
        let looks = Arc::new(AtomicUsize::new(0));
        let count = looks.clone();
        let mut outbox = MockOutboxRepository::new();
        outbox.expect_cancel_expired().returning(|_, _| Ok(0));
        outbox.expect_claim_due().returning(move |claim| {
            // Every channel is polled, so count only one of them.
            let is_first = claim.channel == Channel::Email;
            count.fetch_add(usize::from(is_first), Ordering::SeqCst);
            Ok(Vec::new())
        });
        let settings = DispatcherSettings {
            poll: Duration::from_hours(1000),
            ..DispatcherSettings::default()
        };
        let endpoints: Arc<dyn WebhookRepository> = Arc::new(MockWebhookRepository::new());
        let endpoints = EndpointHealth {
            known: EndpointCache::new(endpoints.clone(), Arc::new(MockDirectoryRepository::new())),
            endpoints,
            staff: Arc::new(MockStaffRepository::new()),
            clock: Arc::new(ManualClock::new()),
            ids: Arc::new(SequentialIds::default()),
            noted: SuccessesNoted::default(),
        };
        let channels = HashMap::new();
        let dispatcher = Dispatcher::new(
            Arc::new(outbox),
            channels,
            endpoints,
            links(),
            outbox_signal.clone(),
            settings,
        );
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(dispatcher.run(stopped));
        let listener = Self { outbox_signal, looks, _stop: stop };
        assert_eq!(listener.notifications().await, 0);
        listener
    }

    /// Returns the number of signals received so far.
    pub(crate) async fn notifications(&self) -> usize {
        // The paused clock only advances when all tasks are idle.
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.looks.load(Ordering::SeqCst) - 1
    }
}
