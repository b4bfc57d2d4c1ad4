use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{
    Actor, Audience, Case, CaseId, CaseNumber, CaseNumberPrefix, Contacts, Decision, EventId,
    NotificationId, NotificationMatrix, OpenRequest, Policies, StaffId, StaffMember, StaffRef,
    Stamp, UpdateId, WebhookTarget,
};
use engage_identity::VerifierError;
use engage_notifier::Snapshot;
use engage_repository::{
    CaseNumbers, CaseRepository, ChangeSet, DirectoryVersion, EventOrigin, OutboxMessage,
    RepositoryError, StoredCase, UniqueConstraint,
};
use tokio::time::Instant;

use crate::case_lock::CaseLocks;
use crate::change_options::ChangeOptions;
use crate::changed::Changed;
use crate::customer_access::{CustomerAuthorizer, Proof};
use crate::environment::{Clock, IdGenerator};
use crate::error::CaseError;
use crate::metrics::change_counter;
use crate::outbox_signal::OutboxSignal;
use crate::staff_access::Authority;
use crate::webhooks::{CurrentTargets, WebhookTargets};

/// The ports through which cases are changed.
pub struct CasePorts {
    /// Stored cases.
    pub cases: Arc<dyn CaseRepository>,
    /// The source of case numbers.
    pub numbers: Arc<dyn CaseNumbers>,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// The source of ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Decides which customers may act on a case.
    pub authorizer: CustomerAuthorizer,
    /// The webhook endpoints that events are sent to.
    pub webhooks: WebhookTargets,
    /// Wakes the dispatcher when a commit left messages.
    pub outbox_signal: OutboxSignal,
}

/// The rules by which cases are changed and announced.
pub struct CaseRules {
    /// The prefix of case numbers.
    pub number_prefix: CaseNumberPrefix,
    /// The rules by which cases change.
    pub policies: Policies,
    /// The notification matrix.
    pub matrix: NotificationMatrix,
    /// The addresses of the team, of management and of the people on call.
    pub contacts: Contacts,
    /// Time after which a change that keeps losing races fails with [`CaseError::Busy`].
    pub patience: Duration,
}

/// A member of staff whom a case may be assigned to, as they were read.
#[derive(Clone, Copy)]
pub(crate) struct Newcomer<'a> {
    pub(crate) member: &'a StaffMember,
    /// The version of the directory before they were read.
    pub(crate) directory: Option<DirectoryVersion>,
}

/// Makes every change of every case: read, decide, commit.
pub struct CaseChanges {
    ports: CasePorts,
    rules: CaseRules,
    locks: CaseLocks,
}

/// How often a new case is tried again when the number it drew is taken or the directory changed.
const NUMBER_ATTEMPTS: u32 = 8;

impl CaseChanges {
    /// Changes cases through these ports, by these rules.
    pub fn new(ports: CasePorts, rules: CaseRules) -> Self {
        Self { ports, rules, locks: CaseLocks::default() }
    }

    /// The rules by which cases change.
    pub(crate) fn policies(&self) -> &Policies {
        &self.rules.policies
    }

    /// The version of the directory as of now, to be taken before something of it is read.
    pub(crate) async fn directory(&self) -> Result<Option<DirectoryVersion>, RepositoryError> {
        Ok(self.ports.webhooks.current().await?.directory)
    }

    /// Opens a case under a number of its own.
    pub(crate) async fn open(
        &self,
        request: OpenRequest,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<Infallible>> {
        let Self { ports, rules, .. } = self;
        let mut attempt = 1;
        loop {
            let targets = ports.webhooks.current().await?;
            let stamp = self.stamp(Actor::Customer);
            let id = CaseId::from_u128(ports.ids.next_id());
            let year = stamp.at.year();
            let sequence = ports.numbers.draw(year).await?;
            let number = CaseNumber::new(rules.number_prefix.clone(), year, sequence)
                .map_err(RepositoryError::internal)?;
            let decision = Case::open(id, number, request.clone(), &rules.policies, stamp);
            match self.commit(decision, &[], &targets, options).await {
                Ok(changed) => return Ok(changed),
                Err(
                    RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber }
                    | RepositoryError::Outdated,
                ) if attempt < NUMBER_ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return Err(refused(error)),
            }
        }
    }

    /// Changes a case as `decide` says, for who shows that they are its customer.
    pub(crate) async fn change_for_customer<R, F>(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        options: &ChangeOptions,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let asking = self.ports.authorizer.ask(proof)?;
        let admits = |found: Option<&StoredCase>| {
            asking.is_admitted(found.map(|stored| (&stored.case, stored.access_generation)))
        };
        let changed =
            self.change_where(number, &Actor::Customer, admits, None, options, decide).await;
        asking.settle(changed).await
    }

    /// Changes a case as `decide` says, for staff.
    ///
    /// `newcomer` is a staff member whom the decision may assign the case to. The change fails with
    /// [`RepositoryError::Outdated`] where the directory has changed since they were read.
    pub(crate) async fn change<R, F>(
        &self,
        number: &CaseNumber,
        actor: &Actor,
        newcomer: Option<Newcomer<'_>>,
        options: &ChangeOptions,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        self.change_where(number, actor, |found| found.is_some(), newcomer, options, decide).await
    }

    /// Changes a case where `admits` says that it may be, again from the top where somebody else was
    /// faster.
    async fn change_where<R, F>(
        &self,
        number: &CaseNumber,
        actor: &Actor,
        admits: impl Fn(Option<&StoredCase>) -> bool,
        newcomer: Option<Newcomer<'_>>,
        options: &ChangeOptions,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let mut authority = options.authority.clone();
        let mut race = Race::until(Instant::now() + self.rules.patience);
        let turn = tokio::time::timeout_at(race.deadline, self.locks.acquire(number)).await;
        let _turn = turn.map_err(|_| CaseError::Busy)?;
        loop {
            // Before all that is read of the directory, which is thus at least as new.
            let targets = self.ports.webhooks.current().await?;
            require_current(newcomer, &targets)?;
            require_authority(authority.as_mut(), &targets).await?;
            let found = self.ports.cases.find_case(number).await?;
            let is_admitted = admits(found.as_ref());
            let StoredCase { case, assignee, .. } =
                found.filter(|_| is_admitted).ok_or_else(|| CaseError::NotFound(number.clone()))?;
            options.check_version(&case)?;
            let stamp = self.stamp(actor.clone());
            let decided = decide(&case, &self.rules.policies, stamp).map_err(CaseError::Refused)?;
            let Some(decision) = decided else {
                return Ok(Changed { case, event: None });
            };
            let newcomer_member = newcomer.map(|newcomer| newcomer.member);
            let people: Vec<&StaffMember> = newcomer_member.into_iter().chain(&assignee).collect();
            match self.commit(decision, &people, &targets, options).await {
                Ok(changed) => return Ok(changed),
                Err(RepositoryError::Conflict | RepositoryError::Outdated) => {
                    if !race.try_again().await {
                        return Err(CaseError::Busy);
                    }
                }
                Err(error) => return Err(refused(error)),
            }
        }
    }

    async fn commit(
        &self,
        decision: Decision,
        people: &[&StaffMember],
        targets: &CurrentTargets,
        options: &ChangeOptions,
    ) -> Result<Changed, RepositoryError> {
        let changed = Changed { case: decision.case.clone(), event: Some(decision.event.clone()) };
        let mut change_set = self.change_set(decision, people, &targets.endpoints)?;
        change_set.directory = targets.directory;
        let once = options.once.as_ref();
        change_set.idempotency = once.map(|once| once.record(&changed)).transpose()?;
        change_set.origin = options.origin.clone();
        let has_messages = !change_set.messages.is_empty();
        let counter = change_counter(&change_set.event, change_set.case.facts());
        let committed = self.ports.cases.commit(change_set).await;
        if matches!(committed, Err(RepositoryError::Outdated)) {
            self.ports.webhooks.forget();
        }
        committed?;
        counter.increment(1);
        if has_messages {
            self.ports.outbox_signal.notify();
        }
        Ok(changed)
    }

    /// Everything that has to be kept for a decision. `people` are the staff members whom it may
    /// concern.
    fn change_set(
        &self,
        Decision { case, event }: Decision,
        people: &[&StaffMember],
        webhooks: &[WebhookTarget],
    ) -> Result<ChangeSet, RepositoryError> {
        let facts = case.facts();
        let find =
            |id: Option<&StaffId>| people.iter().copied().find(|member| Some(&member.id) == id);
        let assignee = find(facts.assignee());
        let previous = event.assignee_change().and_then(|(from, _)| find(from));
        // Whoever has left is told nothing more.
        let still_here = |member: &&StaffMember| member.is_active();
        let audience = Audience {
            contacts: &self.rules.contacts,
            assignee: assignee.filter(still_here),
            previous_assignee: previous.filter(still_here),
            webhooks,
        };
        let messages = self.rules.matrix.plan(&event, facts, &audience);
        let messages = messages
            .into_iter()
            .map(|planned| OutboxMessage {
                id: NotificationId::from_u128(self.ports.ids.next_id()),
                template: planned.template,
                address: planned.address,
            })
            .collect();
        let assignee: Option<StaffRef> = assignee.map(StaffMember::to_ref);
        let snapshot = Snapshot::new(&event, facts, assignee.as_ref());
        let snapshot = serde_json::to_string(&snapshot).map_err(RepositoryError::internal)?;
        let (directory, origin) = (None, EventOrigin::default());
        Ok(ChangeSet { case, event, snapshot, messages, idempotency: None, directory, origin })
    }

    fn stamp(&self, actor: Actor) -> Stamp {
        let ids = &self.ports.ids;
        Stamp {
            at: self.ports.clock.now(),
            actor,
            event_id: EventId::from_u128(ids.next_id()),
            update_ids: [(); 2].map(|()| UpdateId::from_u128(ids.next_id())),
        }
    }
}

/// A member who was read before the directory changed has to be read again.
fn require_current(
    newcomer: Option<Newcomer<'_>>,
    targets: &CurrentTargets,
) -> Result<(), RepositoryError> {
    match newcomer {
        Some(newcomer) if newcomer.directory != targets.directory => Err(RepositoryError::Outdated),
        _ => Ok(()),
    }
}

async fn require_authority<R: std::error::Error + 'static>(
    authority: Option<&mut Authority>,
    targets: &CurrentTargets,
) -> Result<(), CaseError<R>> {
    let Some(authority) = authority else { return Ok(()) };
    match authority.holds_at(targets.directory).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(CaseError::Revoked),
        Err(error) => Err(match error {
            VerifierError::Unavailable(_) => RepositoryError::unavailable(error),
            VerifierError::Internal(_) => RepositoryError::internal(error),
        }
        .into()),
    }
}

fn refused<R: std::error::Error + 'static>(error: RepositoryError) -> CaseError<R> {
    match error {
        RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey } => {
            CaseError::KeyTaken
        }
        error => error.into(),
    }
}

/// A change that competes with others for a case's next version.
struct Race {
    deadline: Instant,
    lost: u32,
}

impl Race {
    fn until(deadline: Instant) -> Self {
        Self { deadline, lost: 0 }
    }

    /// Waits a while that grows with the races lost, differently for each competitor; `false`
    /// where the deadline would pass.
    async fn try_again(&mut self) -> bool {
        let ceiling = 4_u64 << self.lost.min(6);
        let pause = Duration::from_millis(rand::random_range(1..=ceiling));
        self.lost += 1;
        if Instant::now() + pause >= self.deadline {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}
