use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use engage_domain::CaseNumber;
use tokio::sync::OwnedMutexGuard;

type Lock = tokio::sync::Mutex<()>;

/// Serializes the changes to each case within this process, so that they do not waste work on lost
/// races.
///
/// Correctness does not depend on it, because commits compare versions.
#[derive(Default)]
pub(crate) struct CaseLocks {
    locks: Mutex<HashMap<CaseNumber, Weak<Lock>>>,
}

/// Lock on a case, released on drop.
pub(crate) struct CaseLock {
    /// True if another change held the lock before.
    pub(crate) has_waited: bool,
    _guard: OwnedMutexGuard<()>,
}

/// Number of locks above which unused ones are removed.
const SWEEP_ABOVE: usize = 1024;

impl CaseLocks {
    /// Waits until no other change of the case is in progress in this process.
    pub(crate) async fn acquire(&self, number: &CaseNumber) -> CaseLock {
        let lock = self.lock_of(number);
        if let Ok(guard) = Arc::clone(&lock).try_lock_owned() {
            return CaseLock { has_waited: false, _guard: guard };
        }
        CaseLock { has_waited: true, _guard: lock.lock_owned().await }
    }

    fn lock_of(&self, number: &CaseNumber) -> Arc<Lock> {
        // Each statement below leaves the map consistent, so a panic elsewhere does no harm.
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(number).and_then(Weak::upgrade) {
            return lock;
        }
        if locks.len() >= SWEEP_ABOVE {
            locks.retain(|_, lock| lock.strong_count() > 0);
        }
        let lock = Arc::new(Lock::default());
        locks.insert(number.clone(), Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(sequence: u64) -> CaseNumber {
        CaseNumber::new("CW".parse().unwrap(), 2025, sequence).unwrap()
    }

    #[tokio::test]
    async fn changes_of_one_case_queue_and_those_of_another_do_not() {
        let locks = CaseLocks::default();
        let first = locks.acquire(&number(1)).await;
        let other = locks.acquire(&number(2)).await;
        assert!(locks.lock_of(&number(1)).try_lock().is_err());
        drop(first);
        assert!(locks.lock_of(&number(1)).try_lock().is_ok());
        drop(other);
    }

    #[tokio::test]
    async fn unused_locks_are_removed() {
        let locks = CaseLocks::default();
        let held = locks.acquire(&number(1)).await;
        for sequence in 2..5000 {
            drop(locks.acquire(&number(sequence)).await);
        }
        assert!(locks.locks.lock().unwrap().len() <= SWEEP_ABOVE);
        assert!(locks.lock_of(&number(1)).try_lock().is_err());
        drop(held);
    }
}
