use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_repository::{
    IdempotencyKey, IdempotencyRepository, RepositoryError, RequestDigest, StoredResponse,
};
use thiserror::Error;

use crate::environment::Clock;
use crate::{CaseError, Changed};

/// What became of a request that is to take effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect now, or turned out to change nothing.
    Changed(Box<Changed>),
    /// It took effect before, and this was answered.
    Replayed(StoredResponse),
}

/// Why a request that is to take effect once was not served.
#[derive(Debug, Error)]
pub enum IdempotencyError<R: std::error::Error + 'static> {
    /// The same request is being served. Wait, and ask again.
    #[error("a request with this key is under way")]
    InProgress,
    /// The key stands for another request. Choose another one.
    #[error("the key was used for another request")]
    Reused,
    /// The change was not made.
    #[error(transparent)]
    Case(#[from] CaseError<R>),
}

impl<R: std::error::Error + 'static> From<RepositoryError> for IdempotencyError<R> {
    fn from(error: RepositoryError) -> Self {
        Self::Case(error.into())
    }
}

/// Serves requests under an idempotency key: each key once, in all processes.
///
/// The answer is kept by the commit of the change itself, so that a crash leaves both or neither;
/// of two commits under one key storage refuses the second. Within a process a request whose twin
/// is under way is refused before it does anything.
#[derive(Clone)]
pub struct Idempotency {
    answers: Arc<dyn IdempotencyRepository>,
    clock: Arc<dyn Clock>,
    retention: Duration,
    under_way: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Idempotency {
    /// How long an idempotency key lives, unless the setting `retention.idempotency` says otherwise.
    pub const DEFAULT_RETENTION: Duration = Duration::from_hours(24);

    /// Remembers requests where changes are kept, for some time.
    pub fn new(
        answers: Arc<dyn IdempotencyRepository>,
        clock: Arc<dyn Clock>,
        retention: Duration,
    ) -> Self {
        Self { answers, clock, retention, under_way: Arc::default() }
    }

    /// Time for which a response is stored under its key.
    pub fn retention(&self) -> Duration {
        self.retention
    }

    /// Answers what was answered before under the key, or else makes the change, which has to be
    /// kept under it.
    pub async fn once<R: std::error::Error + 'static>(
        &self,
        key: IdempotencyKey,
        digest: RequestDigest,
        change: impl Future<Output = Result<Changed, CaseError<R>>>,
    ) -> Result<Outcome, IdempotencyError<R>> {
        let _turn = self.begin(key).ok_or(IdempotencyError::InProgress)?;
        if let Some(answer) = self.kept(&key, digest).await? {
            return Ok(Outcome::Replayed(answer));
        }
        match change.await {
            Ok(changed) => Ok(Outcome::Changed(Box::new(changed))),
            // Another process was faster.
            Err(CaseError::KeyTaken) => match self.kept(&key, digest).await? {
                Some(answer) => Ok(Outcome::Replayed(answer)),
                None => Err(CaseError::Busy.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn kept<R: std::error::Error + 'static>(
        &self,
        key: &IdempotencyKey,
        digest: RequestDigest,
    ) -> Result<Option<StoredResponse>, IdempotencyError<R>> {
        match self.answers.find_response(key, self.clock.now()).await? {
            Some(answer) if answer.digest != digest => Err(IdempotencyError::Reused),
            found => Ok(found),
        }
    }

    fn begin(&self, key: IdempotencyKey) -> Option<InFlightGuard> {
        // The set is whole after every statement, so a panic elsewhere leaves it usable.
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.insert(key).then(|| InFlightGuard { key, under_way: Arc::clone(&self.under_way) })
    }
}

/// A key whose request is being served.
struct InFlightGuard {
    key: IdempotencyKey,
    under_way: Arc<Mutex<HashSet<IdempotencyKey>>>,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
