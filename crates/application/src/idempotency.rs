use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_environment::Clock;
use engage_repository::{
    IdempotencyKey, IdempotencyRecord, IdempotencyRepository, RepositoryError, StoredResponse,
};

use crate::change_options::IdempotentRequest;
use crate::changed::Changed;
use crate::error::CaseError;

/// Applies each request with an idempotency key at most once, across all processes.
///
/// The response is stored in the commit of the change, so a crash leaves both or neither. If two
/// processes commit the same key, storage refuses the second commit. Within a process, a request is
/// refused while another one with the same key is in flight.
///
/// ```
/// use engage_application::{CancelCase, CaseCommand, ChangeOutcome, IdempotentRequest, Proof};
/// # use engage_application::ChangeOptions;
/// use engage_repository::{IdempotencyKey, RequestDigest};
/// # use engage_testkit::builders::{a_case_number, an_opened};
/// # use engage_testkit::{FakeCases, use_cases::case_changes};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let cases = FakeCases::default();
/// # cases.add(an_opened(1).case);
/// # let cancel_case = CancelCase::new(case_changes(&cases));
/// let (key, digest) = (IdempotencyKey([7; 32]), RequestDigest([1; 32]));
/// let render = |changed: &engage_application::Changed| Ok(changed.case.status().to_string());
/// let idempotency = Some(IdempotentRequest { key, digest, render });
/// let options = ChangeOptions { idempotency, ..ChangeOptions::default() };
/// let command = CaseCommand::by_customer(a_case_number(1), Proof::default());
/// let command = command.with_options(options);
/// let reason: engage_domain::Reason = "It works again.".parse()?;
/// cancel_case.execute(command.clone(), reason.clone()).await?;
///
/// // The client got no response, and sends the request again.
/// let repeated = cancel_case.execute(command, reason).await?;
/// assert!(matches!(repeated, ChangeOutcome::Replayed(first) if first.answer == "CANCELLED"));
/// assert_eq!(cases.commits().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Idempotency {
    responses: Arc<dyn IdempotencyRepository>,
    clock: Arc<dyn Clock>,
    retention: Duration,
    in_flight: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Idempotency {
    /// Default of the setting `retention.idempotency`.
    pub const DEFAULT_RETENTION: Duration = Duration::from_hours(24);

    /// Creates the service. Responses are stored for `retention`.
    pub fn new(
        responses: Arc<dyn IdempotencyRepository>,
        clock: Arc<dyn Clock>,
        retention: Duration,
    ) -> Self {
        Self { responses, clock, retention, in_flight: Arc::default() }
    }

    /// Marks the key of a request as in flight until the guard is dropped. Fails with
    /// [`CaseError::InProgress`] if it already is.
    pub(crate) fn begin<R: std::error::Error + 'static>(
        &self,
        request: &IdempotentRequest,
    ) -> Result<InFlightGuard, CaseError<R>> {
        // Each statement leaves the set consistent, so a panic elsewhere does no harm.
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_flight.insert(request.key) {
            return Err(CaseError::InProgress);
        }
        Ok(InFlightGuard { key: request.key, in_flight: Arc::clone(&self.in_flight) })
    }

    /// Returns the stored response to an earlier request with the same key.
    ///
    /// Fails with [`CaseError::KeyReused`] if that request had other content.
    pub(crate) async fn find_response<R: std::error::Error + 'static>(
        &self,
        request: &IdempotentRequest,
    ) -> Result<Option<StoredResponse>, CaseError<R>> {
        match self.responses.find_response(&request.key, self.clock.now()).await? {
            Some(response) if response.digest != request.digest => Err(CaseError::KeyReused),
            found => Ok(found),
        }
    }

    /// Builds the record of the rendered response, to be committed with the change.
    pub(crate) fn record(
        &self,
        request: &IdempotentRequest,
        changed: &Changed,
    ) -> Result<IdempotencyRecord, RepositoryError> {
        Ok(IdempotencyRecord {
            key: request.key,
            digest: request.digest,
            answer: (request.render)(changed).map_err(RepositoryError::internal)?,
            expires_at: changed.case.facts().last_activity.plus(self.retention),
        })
    }
}

/// Marks an idempotency key as in flight until it is dropped.
pub(crate) struct InFlightGuard {
    key: IdempotencyKey,
    in_flight: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
