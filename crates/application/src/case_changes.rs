mod address_proof;
mod opening;
mod prepared;

use std::sync::Arc;

use engage_domain::{Actor, Case, CaseNumber, Decision, Policies, StaffMember, Stamp};
use engage_environment::{Clock, IdGenerator};
use engage_identity::VerifierError;
use engage_repository::{
    CaseNumbers, CaseRepository, RepositoryError, Revision, StoredCase, StoredResponse,
    UniqueConstraint,
};
use tokio::time::Instant;
use tracing::{Instrument, info_span};

use crate::case_command::{CaseCommand, Requester};
use crate::case_lock::CaseLocks;
use crate::change_options::ChangeOptions;
use crate::change_plan::{CaseRules, Concerned, plan};
use crate::changed::{ChangeOutcome, Changed};
use crate::contracts::Contracts;
use crate::customer_access::{
    AccessMode, AccessTokens, Authorized, CustomerAuthorizer, ServerSecret,
};
use crate::error::CaseError;
use crate::idempotency::{Idempotency, InFlightGuard};
use crate::metrics::change_counter;
use crate::no_responses::NoResponses;
use crate::outbox_signal::OutboxSignal;
use crate::race::Race;
use crate::staff_access::Authority;
use crate::trace::TRACE_TARGET;
use crate::webhooks::{CurrentTargets, WebhookTargets};

pub(crate) use opening::OpenCommand;
pub(crate) use prepared::Prepared;

/// Ports used to change cases.
pub struct CasePorts {
    /// Stored cases.
    pub cases: Arc<dyn CaseRepository>,
    /// The source of case numbers.
    pub numbers: Arc<dyn CaseNumbers>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// The source of ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Decides which customers may act on a case.
    pub authorizer: CustomerAuthorizer,
    /// Responses to earlier requests with an idempotency key.
    pub idempotency: Idempotency,
    /// Webhook endpoints that receive events.
    pub webhooks: WebhookTargets,
    /// Contracts that apply to the addresses of customers, if there are any.
    pub contracts: Option<Contracts>,
    /// Wakes the dispatcher after a commit with notifications.
    pub outbox_signal: OutboxSignal,
}

impl CasePorts {
    /// Creates the ports with defaults for everything but storage, time and ids.
    ///
    /// Customers prove a case by its number alone ([`AccessMode::CaseNumber`]), no response is found
    /// for a repeated idempotency key, no webhook endpoint receives events, no customer has a
    /// contract, and no dispatcher is woken. Replace the fields that your use case needs.
    pub fn new(
        cases: Arc<dyn CaseRepository>,
        numbers: Arc<dyn CaseNumbers>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        let tokens = AccessTokens::new(
            &ServerSecret::from_bits(ids.secret()),
            AccessTokens::DEFAULT_LIFETIME,
        );
        let authorizer =
            CustomerAuthorizer::new(AccessMode::CaseNumber, tokens, Arc::clone(&clock));
        let idempotency = Idempotency::new(
            Arc::new(NoResponses),
            Arc::clone(&clock),
            Idempotency::DEFAULT_RETENTION,
        );
        let (webhooks, contracts) = (Vec::new().into(), None);
        let outbox_signal = OutboxSignal::default();
        Self {
            cases,
            numbers,
            clock,
            ids,
            authorizer,
            idempotency,
            webhooks,
            contracts,
            outbox_signal,
        }
    }
}

/// A case and whoever changes it, together with the webhook endpoints, which were read before it.
struct Current {
    targets: CurrentTargets,
    stored: StoredCase,
    actor: Actor,
    /// If set, the customer acts, and has shown that the case's address is theirs.
    has_mailbox: bool,
}

/// A request whose caller is authorized, together with the case as it was read.
pub struct Admission {
    command: CaseCommand,
    current: Current,
}

impl Admission {
    /// Replaces the options of the change.
    pub(crate) fn with_options(self, options: ChangeOptions) -> Self {
        Self { command: self.command.with_options(options), ..self }
    }
}

/// Makes every change to a case: reads, decides and commits.
///
/// ```
/// use engage_application::CaseCommand;
/// use engage_domain::{Case, Status, UpdateRequest};
/// # use engage_testkit::builders::{a_case_number, a_staff_member, an_opened};
/// # use engage_testkit::{FakeCases, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cases = FakeCases::default();
/// cases.add(an_opened(1).case);
/// let changes = case_changes(&cases);
///
/// // A use case of your own: a case waits until its customer has rebooted.
/// let request = UpdateRequest::message("Please reboot.".parse()?)
///     .with_status(Status::WaitingOnCustomer);
/// let jane = a_staff_member("staff-123").to_ref();
/// let command = CaseCommand::by_staff(a_case_number(1), jane);
/// let decide = |case: &Case, policies: &_, stamp| case.update(request.clone(), policies, stamp);
/// changes.change(command, decide).await?;
/// assert_eq!(cases.commits()[0].case.status(), Status::WaitingOnCustomer);
/// # Ok(())
/// # }
/// ```
pub struct CaseChanges {
    ports: CasePorts,
    rules: CaseRules,
    locks: CaseLocks,
}

impl CaseChanges {
    /// Creates the service.
    pub fn new(ports: CasePorts, rules: CaseRules) -> Self {
        Self { ports, rules, locks: CaseLocks::default() }
    }

    /// Returns the domain policies.
    pub(crate) fn policies(&self) -> &Policies {
        &self.rules.policies
    }

    /// Reads the case and authorizes the caller.
    ///
    /// Fails with [`CaseError::NotFound`] if there is no such case or the customer's proof does not
    /// match, with [`CaseError::ProofRequired`] if the customer provides too little proof, and with
    /// [`CaseError::Revoked`] if the credential of a member of staff is no longer valid.
    pub(crate) async fn admit<R: std::error::Error + 'static>(
        &self,
        command: CaseCommand,
    ) -> Result<Admission, CaseError<R>> {
        let current = self.read(&mut command.requester.clone(), &command.number).await?;
        Ok(Admission { command, current })
    }

    /// Reads a case for a caller who may act on it, like [`change`](Self::change) without the change.
    pub(crate) async fn read_case<R: std::error::Error + 'static>(
        &self,
        command: CaseCommand,
    ) -> Result<Case, CaseError<R>> {
        let Admission { command, current } = self.admit(command).await?;
        command.options.check_version(&current.stored.case)?;
        Ok(current.stored.case)
    }

    /// Changes a case according to `decide`. This is how a use case of your own changes a case.
    ///
    /// Reads the case, authorizes the caller, replays the response of a repeated request, checks
    /// the preconditions, decides and commits the case, its event and the notifications. `decide` is
    /// called again with the new state if another change was committed first, after a random pause
    /// of up to 256 ms. It returns `None` if nothing has to change.
    ///
    /// Fails with [`CaseError::Refused`] and the error of `decide`, with [`CaseError::NotFound`] or
    /// [`CaseError::ProofRequired`] if the caller may not act on the case, with
    /// [`CaseError::Stale`] if a precondition does not hold, and with [`CaseError::Busy`]
    /// if the change keeps losing races until [`CaseRules::patience`] has passed.
    pub async fn change<R, D>(
        &self,
        command: CaseCommand,
        decide: D,
    ) -> Result<ChangeOutcome, CaseError<R>>
    where
        R: std::error::Error + 'static,
        D: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let admission = self.admit(command).await?;
        self.change_admitted(admission, decide).await
    }

    /// Changes a case like [`change`](Self::change), with data that `prepare` reads for the
    /// decision.
    ///
    /// `prepare` is not called for a repeated request. It is called again after each lost race.
    pub(crate) async fn change_prepared<R, P, D>(
        &self,
        command: CaseCommand,
        prepare: impl Fn(&Case, &Actor) -> P,
        decide: D,
    ) -> Result<ChangeOutcome, CaseError<R>>
    where
        R: std::error::Error + 'static,
        P: Future<Output = Result<Prepared, CaseError<R>>>,
        D: Fn(&Case, &Prepared, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let admission = self.admit(command).await?;
        Box::pin(self.change_once(admission, prepare, decide)).await
    }

    /// Changes a case like [`change`](Self::change), for a caller who is already authorized.
    pub(crate) async fn change_admitted<R, D>(
        &self,
        admission: Admission,
        decide: D,
    ) -> Result<ChangeOutcome, CaseError<R>>
    where
        R: std::error::Error + 'static,
        D: Fn(&Case, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let nothing = |_: &Case, _: &Actor| std::future::ready(Ok(Prepared::default()));
        let decide =
            |case: &Case, _: &Prepared, policies: &Policies, stamp| decide(case, policies, stamp);
        Box::pin(self.change_once(admission, nothing, decide)).await
    }

    /// Makes the change unless the request is a repetition. Starts over after each lost race.
    ///
    /// Callers box the future, since it holds a case in several states and each caller copies it.
    async fn change_once<R, P, D>(
        &self,
        Admission { command, current }: Admission,
        prepare: impl Fn(&Case, &Actor) -> P,
        decide: D,
    ) -> Result<ChangeOutcome, CaseError<R>>
    where
        R: std::error::Error + 'static,
        P: Future<Output = Result<Prepared, CaseError<R>>>,
        D: Fn(&Case, &Prepared, &Policies, Stamp) -> Result<Option<Decision>, R>,
    {
        let CaseCommand { number, mut requester, options } = command;
        let _guard = match self.begin(&options).await? {
            Begun::First(guard) => guard,
            Begun::Repeated(response) => return Ok(ChangeOutcome::Replayed(response)),
        };
        let mut race = Race::until(Instant::now() + self.rules.patience);
        let lock = tokio::time::timeout_at(race.deadline(), self.locks.acquire(&number)).await;
        let lock = lock.map_err(|_| CaseError::Busy)?;
        // After waiting for the lock, the case read before is most likely outdated.
        let mut current = Some(current).filter(|_| !lock.has_waited);
        loop {
            let Current { targets, stored, actor, has_mailbox } = match current.take() {
                Some(current) => current,
                None => self.read(&mut requester, &number).await?,
            };
            let StoredCase { case, assignee, .. } = stored;
            options.check_version(&case)?;
            let mut prepared = prepare(&case, &actor).await?;
            let proof = self.address_proof(&case, has_mailbox).await?;
            let stamp = Stamp { proof, ..self.stamp(actor) };
            let decided = decide(&case, &prepared, &self.rules.policies, stamp);
            let Some(decision) = decided.map_err(CaseError::Refused)? else {
                return Ok(Changed { case, event: None }.into());
            };
            let new_assignee = prepared.assignee.take();
            let staff: Vec<&StaffMember> = new_assignee.iter().chain(&assignee).collect();
            let concerned = Concerned { staff: &staff, customer: true };
            let revision = prepared.plan_revision(&decision)?;
            match self.commit(decision, revision, &concerned, &targets, &options).await {
                Ok(changed) => return Ok(changed.into()),
                Err(RepositoryError::Conflict | RepositoryError::Outdated) => {
                    if !race.try_again().await {
                        return Err(CaseError::Busy);
                    }
                }
                Err(error) => return self.settle(error, &options).await,
            }
        }
    }

    /// Reads a case and authorizes the caller.
    async fn read<R: std::error::Error + 'static>(
        &self,
        requester: &mut Requester,
        number: &CaseNumber,
    ) -> Result<Current, CaseError<R>> {
        // Must come first: whatever is read from the directory afterwards is at least as new.
        let targets = self.ports.webhooks.current().await?;
        let span = info_span!(target: TRACE_TARGET, "find case");
        let find = async { Ok(self.ports.cases.find_case(number).await?) }.instrument(span);
        let not_found = || CaseError::NotFound(number.clone());
        let (stored, actor, has_mailbox) = match requester {
            Requester::Customer { proof, demand } => {
                let authorizer = &self.ports.authorizer;
                let accepted = authorizer.authorize(number, proof, *demand, find).await?;
                let Authorized { found, person, has_mailbox } = accepted;
                (found, person.to_actor(), has_mailbox)
            }
            Requester::Mailbox(address) => {
                let has_address = |stored: &StoredCase| {
                    stored.case.facts().customer.email.as_ref() == Some(address)
                };
                let stored = find.await?.filter(has_address).ok_or_else(not_found)?;
                (stored, Actor::Customer, true)
            }
            Requester::Staff { .. } | Requester::Service { .. } | Requester::System => {
                require_authority(requester.authority(), &targets).await?;
                (find.await?.ok_or_else(not_found)?, requester.actor(), false)
            }
        };
        Ok(Current { targets, stored, actor, has_mailbox })
    }

    /// Marks the idempotency key of the request as in flight, or returns the response to an earlier
    /// request.
    async fn begin<R: std::error::Error + 'static>(
        &self,
        options: &ChangeOptions,
    ) -> Result<Begun, CaseError<R>> {
        let Some(request) = &options.idempotency else { return Ok(Begun::First(None)) };
        let guard = self.ports.idempotency.begin(request)?;
        Ok(match self.ports.idempotency.find_response(request).await? {
            Some(response) => Begun::Repeated(response),
            None => Begun::First(Some(guard)),
        })
    }

    /// Handles a failed commit. If another process has committed the same idempotency key, returns
    /// its response, otherwise the error.
    async fn settle<R: std::error::Error + 'static>(
        &self,
        error: RepositoryError,
        options: &ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<R>> {
        match (error, &options.idempotency) {
            (
                RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey },
                Some(request),
            ) => match self.ports.idempotency.find_response(request).await? {
                Some(response) => Ok(ChangeOutcome::Replayed(response)),
                None => Err(CaseError::Busy),
            },
            (error, _) => Err(error.into()),
        }
    }

    async fn commit(
        &self,
        decision: Decision,
        revision: Option<Revision>,
        concerned: &Concerned<'_>,
        targets: &CurrentTargets,
        options: &ChangeOptions,
    ) -> Result<Changed, RepositoryError> {
        self.add_proven_contact(&decision).await?;
        let changed = Changed { case: decision.case.clone(), event: Some(decision.event.clone()) };
        let mut change_set =
            plan(decision, concerned, &targets.endpoints, &self.rules, self.ports.ids.as_ref())?;
        change_set.directory = targets.directory;
        change_set.revision = revision;
        let idempotency = options.idempotency.as_ref();
        let record = idempotency.map(|request| self.ports.idempotency.record(request, &changed));
        change_set.idempotency = record.transpose()?;
        change_set.origin = options.origin.clone();
        let has_messages = !change_set.messages.is_empty();
        let counter = change_counter(&change_set.event, change_set.case.facts());
        let span = info_span!(target: TRACE_TARGET, "commit");
        let committed = self.ports.cases.commit(change_set).instrument(span).await;
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

    fn stamp(&self, actor: Actor) -> Stamp {
        Stamp::new(self.ports.clock.now(), actor, || self.ports.ids.next_id())
    }
}

/// Result of checking the idempotency key.
enum Begun {
    /// The request is new. The guard protects its key, if it has one.
    First(Option<InFlightGuard>),
    /// The request is a repetition of one with this response.
    Repeated(StoredResponse),
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
