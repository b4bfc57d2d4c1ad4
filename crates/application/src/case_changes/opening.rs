//! Opening cases under new numbers.

use engage_domain::{CaseId, CaseNumber, Decision, Policies, Stamp};
use engage_repository::{RepositoryError, UniqueConstraint};

use super::{Begun, CaseChanges, Prepared, require_authority};
use crate::case_command::Requester;
use crate::change_options::ChangeOptions;
use crate::change_plan::Concerned;
use crate::changed::ChangeOutcome;
use crate::error::CaseError;
use crate::webhooks::CurrentTargets;

/// Maximum number of attempts to open a case, in case its number is already used or the directory
/// changes concurrently.
const NUMBER_ATTEMPTS: u32 = 8;

/// A request to open a case.
pub(crate) struct OpenCommand<'a> {
    /// The caller.
    pub(crate) requester: Requester,
    /// Idempotency key and origin.
    pub(crate) options: &'a ChangeOptions,
    /// If not set, the customer is not notified.
    pub(crate) notifies_customer: bool,
}

impl CaseChanges {
    /// Opens a case under a new number, as `decide` decides with data that `prepare` reads.
    ///
    /// Both are called again with another number if the first one is taken, or if the directory
    /// changes concurrently. Neither is called for a repeated request.
    pub(crate) async fn open<R, P, D>(
        &self,
        command: OpenCommand<'_>,
        prepare: impl Fn() -> P,
        decide: D,
    ) -> Result<ChangeOutcome, CaseError<R>>
    where
        R: std::error::Error + 'static,
        P: Future<Output = Result<Prepared, CaseError<R>>>,
        D: Fn(CaseId, CaseNumber, &Prepared, &Policies, Stamp) -> Result<Decision, R>,
    {
        let OpenCommand { mut requester, options, notifies_customer } = command;
        let mut targets = Some(self.admit_opening(&mut requester).await?);
        let _guard = match self.begin(options).await? {
            Begun::First(guard) => guard,
            Begun::Repeated(response) => return Ok(ChangeOutcome::Replayed(response)),
        };
        let mut attempt = 1;
        loop {
            let targets = match targets.take() {
                Some(targets) => targets,
                None => self.admit_opening(&mut requester).await?,
            };
            let prepared = prepare().await?;
            let proof = prepared.address_proof.clone();
            let stamp = Stamp { proof, ..self.stamp(requester.actor()) };
            let id = CaseId::from_u128(self.ports.ids.next_id());
            let number = self.draw_number(&stamp).await?;
            let decision = decide(id, number, &prepared, &self.rules.policies, stamp);
            let decision = decision.map_err(CaseError::Refused)?;
            let staff: Vec<_> = prepared.assignee.iter().collect();
            let concerned = Concerned { staff: &staff, customer: notifies_customer };
            match self.commit(decision, None, &concerned, &targets, options).await {
                Ok(changed) => return Ok(changed.into()),
                Err(
                    RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber }
                    | RepositoryError::Outdated,
                ) if attempt < NUMBER_ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return self.settle(error, options).await,
            }
        }
    }

    /// Reads the webhook endpoints and authorizes the caller. Anyone may open a case as a customer.
    async fn admit_opening<R: std::error::Error + 'static>(
        &self,
        requester: &mut Requester,
    ) -> Result<CurrentTargets, CaseError<R>> {
        // Must come first: whatever is read from the directory afterwards is at least as new.
        let targets = self.ports.webhooks.current().await?;
        require_authority(requester.authority(), &targets).await?;
        Ok(targets)
    }

    async fn draw_number(&self, stamp: &Stamp) -> Result<CaseNumber, RepositoryError> {
        let year = stamp.at.year();
        let sequence = self.ports.numbers.draw(year).await?;
        CaseNumber::new(self.rules.number_prefix.clone(), year, sequence)
            .map_err(RepositoryError::internal)
    }
}
