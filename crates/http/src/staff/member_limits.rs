//! Concurrency limits per staff member.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::StaffId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::ApiError;

/// Time that a search waits for others of the same member.
const PATIENCE: Duration = Duration::from_secs(2);

/// Seconds after which a rejected search may be retried.
const RETRY: u64 = 1;

/// Concurrency limits per staff member.
#[derive(Debug, Clone, Copy)]
pub struct MemberLimits {
    /// Maximum number of open event streams.
    pub streams: NonZeroU32,
    /// Maximum number of concurrent searches. Further ones wait briefly.
    pub searches: NonZeroU32,
}

/// Slots per member.
pub(crate) struct Slots {
    most: usize,
    members: Mutex<HashMap<StaffId, Arc<Semaphore>>>,
}

impl Slots {
    pub(crate) fn new(most: NonZeroU32) -> Self {
        // A number larger than a semaphore can hold is effectively unlimited.
        let most = usize::try_from(most.get()).unwrap_or(Semaphore::MAX_PERMITS);
        Self { most: most.min(Semaphore::MAX_PERMITS), members: Mutex::default() }
    }

    /// Takes a slot, if the member has one left.
    pub(crate) fn take_now(&self, member: &StaffId) -> Option<OwnedSemaphorePermit> {
        self.of(member).try_acquire_owned().ok()
    }

    fn of(&self, member: &StaffId) -> Arc<Semaphore> {
        // The map is consistent after every statement, so a panic elsewhere does not invalidate it.
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let places = || Arc::new(Semaphore::new(self.most));
        Arc::clone(members.entry(member.clone()).or_insert_with(places))
    }
}

/// The running searches.
pub(crate) struct Searches(Slots);

impl Searches {
    pub(crate) fn new(limits: MemberLimits) -> Self {
        Self(Slots::new(limits.searches))
    }

    /// Waits for a search slot of the member. The slot is released when the permit is dropped.
    pub(crate) async fn begin(&self, member: &StaffId) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = timeout(PATIENCE, self.0.of(member).acquire_owned()).await;
        // The semaphore is never closed.
        place.ok().and_then(Result::ok).ok_or(ApiError::RateLimited { retry_after_seconds: RETRY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searches(most: u32) -> Searches {
        let most = NonZeroU32::new(most).unwrap();
        Searches::new(MemberLimits { streams: most, searches: most })
    }

    #[tokio::test(start_paused = true)]
    async fn the_search_limit_applies_per_member() {
        let searches = searches(2);
        let [ann, ben] = ["ann", "ben"].map(|id| id.parse().unwrap());
        let first = searches.begin(&ann).await.unwrap();
        let _second = searches.begin(&ann).await.unwrap();
        let refused = searches.begin(&ann).await;
        assert!(matches!(refused, Err(ApiError::RateLimited { retry_after_seconds: 1 })));
        assert!(searches.begin(&ben).await.is_ok());
        drop(first);
        assert!(searches.begin(&ann).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_search_waits_for_an_earlier_one_to_end() {
        let searches = searches(1);
        let ann: StaffId = "ann".parse().unwrap();
        let first = searches.begin(&ann).await.unwrap();
        let ends = async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(first);
        };
        let (second, ()) = tokio::join!(searches.begin(&ann), ends);
        assert!(second.is_ok());
    }
}
