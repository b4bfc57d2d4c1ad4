use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_repository::{
    IdempotencyKey, IdempotencyRecord, IdempotencyRepository, RepositoryError, StoredResponse,
};

use crate::change_options::IdempotentRequest;
use crate::changed::Changed;
use crate::environment::Clock;
use crate::error::CaseError;

/// Makes each idempotency key take effect once, across all processes.
///
/// The response is stored in the commit of the change, so a crash leaves both or neither. Storage
/// refuses the second of two commits under one key. Within a process, a request is refused while
/// another one with the same key is in flight.
#[derive(Clone)]
pub struct Idempotency {
    responses: Arc<dyn IdempotencyRepository>,
    clock: Arc<dyn Clock>,
    retention: Duration,
    in_flight: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Idempotency {
    /// Lifetime of an idempotency key if the setting `retention.idempotency` does not say otherwise.
    pub const DEFAULT_RETENTION: Duration = Duration::from_hours(24);

    /// Creates the register of keys. Responses are stored for `retention`.
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
        // The set is whole after every statement, so a panic elsewhere leaves it usable.
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if !in_flight.insert(request.key) {
            return Err(CaseError::InProgress);
        }
        Ok(InFlightGuard { key: request.key, in_flight: Arc::clone(&self.in_flight) })
    }

    /// Returns the stored response of a request that took effect earlier. Fails with
    /// [`CaseError::KeyReused`] if the key belongs to a request with other content.
    pub(crate) async fn find_response<R: std::error::Error + 'static>(
        &self,
        request: &IdempotentRequest,
    ) -> Result<Option<StoredResponse>, CaseError<R>> {
        match self.responses.find_response(&request.key, self.clock.now()).await? {
            Some(response) if response.digest != request.digest => Err(CaseError::KeyReused),
            found => Ok(found),
        }
    }

    /// Renders the response to a change as the record that is committed with it.
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

/// A key whose request is in flight.
pub(crate) struct InFlightGuard {
    key: IdempotencyKey,
    in_flight: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
