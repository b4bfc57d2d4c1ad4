use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::{
    Actor, Audience, Case, CaseId, CaseNumber, CaseNumberPrefix, Contacts, Decision, Event,
    EventId, NewCase, NotificationId, Policies, RoutingPolicy, StaffId, StaffMember, StaffRef,
    Stamp, UpdateId, WebhookTarget,
};
use engage_identity::VerifierError;
use engage_notifier::Snapshot;
use engage_repository::{
    CaseNumbers, CaseRepository, ChangeSet, DirectoryVersion, EventOrigin, OutboxMessage,
    RepositoryError, StoredCase,
};
use tokio::time::Instant;

use crate::case_lock::CaseLocks;
use crate::customer_access::{CustomerGate, Proof};
use crate::dispatch::OutboxBell;
use crate::environment::{Clock, IdGenerator};
use crate::error::CaseError;
use crate::metrics::change_counter;
use crate::staff_access::Authority;
use crate::terms::Terms;
use crate::webhooks::{CurrentTargets, WebhookTargets};

/// What a desk works with: its storage, its rules, its addresses.
pub struct Desk {
    /// Where cases are kept.
    pub cases: Arc<dyn CaseRepository>,
    /// Where case numbers come from.
    pub numbers: Arc<dyn CaseNumbers>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids.
    pub ids: Arc<dyn IdGenerator>,
    /// What case numbers begin with.
    pub number_prefix: CaseNumberPrefix,
    /// The rules by which cases change.
    pub policies: Policies,
    /// Who is told what.
    pub routing: RoutingPolicy,
    /// The desk's own addresses.
    pub contacts: Contacts,
    /// Lets customers at their cases.
    pub gate: CustomerGate,
    /// The endpoints of other systems.
    pub webhooks: WebhookTargets,
    /// Tells the dispatcher that there is something to deliver.
    pub bell: OutboxBell,
    /// For how long a change that loses races is tried again.
    pub patience: Duration,
}

/// A change that was made, or that turned out to be none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The case as it is now.
    pub case: Case,
    /// What happened; nothing where the request changed nothing.
    pub event: Option<Event>,
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
    desk: Desk,
    locks: CaseLocks,
}

/// How often a new case is tried again when the number it drew is taken or the directory changed.
const NUMBER_ATTEMPTS: u32 = 8;

impl CaseChanges {
    /// Changes cases with what a desk works with.
    pub fn new(desk: Desk) -> Self {
        Self { desk, locks: CaseLocks::default() }
    }

    /// The rules by which cases change.
    pub(crate) fn policies(&self) -> &Policies {
        &self.desk.policies
    }

    /// The version of the directory as of now, to be taken before something of it is read.
    pub(crate) async fn directory(&self) -> Result<Option<DirectoryVersion>, RepositoryError> {
        Ok(self.desk.webhooks.current().await?.directory)
    }

    /// Opens a case under a number of its own.
    pub(crate) async fn open(
        &self,
        request: NewCase,
        terms: &Terms,
    ) -> Result<Changed, CaseError<Infallible>> {
        let desk = &self.desk;
        let mut attempt = 1;
        loop {
            let targets = desk.webhooks.current().await?;
            let stamp = self.stamp(Actor::Customer);
            let id = CaseId::from_u128(desk.ids.next_id());
            let year = stamp.at.year();
            let sequence = desk.numbers.draw(year).await?;
            let number = CaseNumber::new(desk.number_prefix.clone(), year, sequence)
                .map_err(RepositoryError::internal)?;
            let decision = Case::open(id, number, request.clone(), &desk.policies, stamp);
            match self.commit(decision, &[], &targets, terms).await {
                Ok(changed) => return Ok(changed),
                Err(
                    RepositoryError::Duplicate { key: "case_number" } | RepositoryError::Outdated,
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
        terms: &Terms,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let asking = self.desk.gate.ask(proof)?;
        let admits = |found: Option<&StoredCase>| {
            asking.is_admitted(found.map(|stored| (&stored.case, stored.access_generation)))
        };
        let changed =
            self.change_where(number, &Actor::Customer, admits, None, terms, decide).await;
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
        terms: &Terms,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        self.change_where(number, actor, |found| found.is_some(), newcomer, terms, decide).await
    }

    /// Changes a case where `admits` says that it may be, again from the top where somebody else was
    /// faster.
    async fn change_where<R, F>(
        &self,
        number: &CaseNumber,
        actor: &Actor,
        admits: impl Fn(Option<&StoredCase>) -> bool,
        newcomer: Option<Newcomer<'_>>,
        terms: &Terms,
        decide: F,
    ) -> Result<Changed, CaseError<R>>
    where
        R: std::error::Error + 'static,
        F: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let mut authority = terms.authority.clone();
        let mut race = Race::until(Instant::now() + self.desk.patience);
        let turn = tokio::time::timeout_at(race.deadline, self.locks.acquire(number)).await;
        let _turn = turn.map_err(|_| CaseError::Busy)?;
        loop {
            // Before all that is read of the directory, which is thus at least as new.
            let targets = self.desk.webhooks.current().await?;
            require_current(newcomer, &targets)?;
            require_authority(authority.as_mut(), &targets).await?;
            let found = self.desk.cases.find_case(number).await?;
            let is_admitted = admits(found.as_ref());
            let StoredCase { case, assignee, .. } =
                found.filter(|_| is_admitted).ok_or_else(|| CaseError::NotFound(number.clone()))?;
            terms.check_version(&case)?;
            let stamp = self.stamp(actor.clone());
            let decided = decide(&case, &self.desk.policies, stamp).map_err(CaseError::Refused)?;
            let Some(decision) = decided else {
                return Ok(Changed { case, event: None });
            };
            let newcomer_member = newcomer.map(|newcomer| newcomer.member);
            let people: Vec<&StaffMember> = newcomer_member.into_iter().chain(&assignee).collect();
            match self.commit(decision, &people, &targets, terms).await {
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
        terms: &Terms,
    ) -> Result<Changed, RepositoryError> {
        let changed = Changed { case: decision.case.clone(), event: Some(decision.event.clone()) };
        let mut change_set = self.change_set(decision, people, &targets.endpoints)?;
        change_set.directory = targets.directory;
        let once = terms.once.as_ref();
        change_set.idempotency = once.map(|once| once.record(&changed)).transpose()?;
        change_set.origin = terms.origin.clone();
        let has_messages = !change_set.messages.is_empty();
        let counter = change_counter(&change_set.event, change_set.case.facts());
        let committed = self.desk.cases.commit(change_set).await;
        if matches!(committed, Err(RepositoryError::Outdated)) {
            self.desk.webhooks.forget();
        }
        committed?;
        counter.increment(1);
        if has_messages {
            self.desk.bell.ring();
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
            contacts: &self.desk.contacts,
            assignee: assignee.filter(still_here),
            previous_assignee: previous.filter(still_here),
            webhooks,
        };
        let messages = self.desk.routing.plan(&event, facts, &audience);
        let messages = messages
            .into_iter()
            .map(|planned| OutboxMessage {
                id: NotificationId::from_u128(self.desk.ids.next_id()),
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
        let ids = &self.desk.ids;
        Stamp {
            at: self.desk.clock.now(),
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
        RepositoryError::Duplicate { key: "idempotency_key" } => CaseError::KeyTaken,
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
