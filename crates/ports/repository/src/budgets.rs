//! Budgets for what can be caused without a login: notifications, and new participants.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use async_trait::async_trait;

use crate::RepositoryError;

/// Key of a budget: the SHA-256 of its name, so that stores hold no address for it.
pub type BudgetKey = [u8; 32];

/// A budget that a notification counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Key of the budget.
    pub key: BudgetKey,
    /// Maximum number of notifications within the period.
    pub most: u32,
    /// Length of the period, in whole minutes.
    pub within: Duration,
    /// The client that caused the notification, if the budget is shared fairly among clients. With
    /// `None`, the budget is first come, first served.
    pub share: Option<Share>,
}

/// One client's share of a budget, identified by the keys of its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Notifications of this client that were counted against the budget.
    pub had: BudgetKey,
    /// Refusals of this client.
    pub refused: BudgetKey,
    /// Refusals of all clients.
    pub refused_in_all: BudgetKey,
}

impl Budget {
    /// Returns the length of the period in minutes, at least one.
    pub fn minutes(&self) -> i64 {
        i64::try_from(self.within.as_secs().div_ceil(60)).unwrap_or(i64::MAX).max(1)
    }

    /// Returns the keys of all counts that the decision depends on.
    pub fn keys(&self) -> Vec<BudgetKey> {
        let mut keys = vec![self.key];
        if let Some(Share { had, refused, refused_in_all }) = self.share {
            keys.extend([had, refused, refused_in_all]);
        }
        keys
    }
}

/// Result of checking a notification against its budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The notification may be sent, and counts against each budget.
    Granted,
    /// At least one budget is exhausted. The notification counts against none of them.
    Exhausted {
        /// Time until every budget has capacity again.
        free_in: Duration,
    },
}

/// Count under a key, within the period of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Sum of the counts.
    pub sum: i64,
    /// First minute with a count, in minutes since 1970.
    pub since_minute: Option<i64>,
}

/// Counts by key.
pub type Counts = HashMap<BudgetKey, Count>;

/// Decision on a notification, with the keys to increment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub admission: Admission,
    /// Keys whose counts are incremented by one.
    pub counted: BTreeSet<BudgetKey>,
}

impl Verdict {
    /// Decides from the current counts of the budgets. `now` is in milliseconds since 1970.
    ///
    /// While other clients are being refused by a shared budget, the limit for a client is reduced
    /// by the amount that the client has already used. Freed capacity then goes to the clients that
    /// used the least.
    pub fn new(budgets: &[Budget], counts: &Counts, now: i64) -> Self {
        let of = |key: &BudgetKey| counts.get(key).copied().unwrap_or_default();
        let room = |budget: &Budget| {
            let most = i64::from(budget.most);
            match budget.share {
                Some(share) if of(&share.refused_in_all).sum > of(&share.refused).sum => {
                    most.saturating_sub(of(&share.had).sum)
                }
                _ => most,
            }
        };
        let is_used_up = |budget: &&Budget| of(&budget.key).sum >= room(budget);
        let used_up: Vec<&Budget> = budgets.iter().filter(is_used_up).collect();
        let waits = used_up.iter().map(|budget| {
            // A budget of zero gets capacity only when its setting changes.
            let since = of(&budget.key).since_minute.unwrap_or(now.div_euclid(60_000));
            let free_at = since.saturating_add(budget.minutes()).saturating_mul(60_000);
            u64::try_from(free_at.saturating_sub(now)).unwrap_or(0).max(1)
        });
        match waits.max() {
            None => {
                let of_budget = |budget: &Budget| {
                    std::iter::once(budget.key).chain(budget.share.map(|share| share.had))
                };
                let counted = budgets.iter().flat_map(of_budget).collect();
                Self { admission: Admission::Granted, counted }
            }
            Some(wait) => {
                let shares = used_up.iter().filter_map(|budget| budget.share);
                let counted = shares.flat_map(|share| [share.refused, share.refused_in_all]);
                let free_in = Duration::from_millis(wait);
                Self { admission: Admission::Exhausted { free_in }, counted: counted.collect() }
            }
        }
    }

    /// Decides on a use, of which a repetition within the period is free. `now` is in milliseconds
    /// since 1970.
    pub fn of_use(once: &BudgetKey, budget: &Budget, counts: &Counts, now: i64) -> Self {
        if counts.get(once).is_some_and(|count| count.sum > 0) {
            return Self { admission: Admission::Granted, counted: BTreeSet::new() };
        }
        let mut verdict = Self::new(std::slice::from_ref(budget), counts, now);
        if verdict.admission == Admission::Granted {
            verdict.counted.insert(*once);
        }
        verdict
    }
}

/// Budgets of what customers do over all their cases.
///
/// ```
/// use std::time::Duration;
///
/// use engage_repository::{Admission, Budget, BudgetRepository};
/// use engage_sqlite::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let budget = Budget { key: [1; 32], most: 1, within: Duration::from_hours(24), share: None };
/// assert_eq!(store.take([7; 32], budget).await?, Admission::Granted);
/// assert!(matches!(store.take([8; 32], budget).await?, Admission::Exhausted { .. }));
/// // A repetition is free.
/// assert_eq!(store.take([7; 32], budget).await?, Admission::Granted);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BudgetRepository: Send + Sync {
    /// Counts a use against a budget, unless the same use was counted within the period already.
    ///
    /// MUST grant no more different uses than the budget allows, however many callers there are at
    /// once, and MUST grant a repetition without counting it again. MUST decide and count as
    /// [`Verdict::of_use`] does.
    async fn take(&self, once: BudgetKey, budget: Budget) -> Result<Admission, RepositoryError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const NOW: i64 = 100 * 60_000;

    fn budget(name: u8, most: u32) -> Budget {
        Budget { key: [name; 32], most, within: HOUR, share: None }
    }

    /// A budget shared with this client.
    fn shared(most: u32, by: u8) -> Budget {
        let share = Share { had: [by; 32], refused: [by + 100; 32], refused_in_all: [99; 32] };
        Budget { share: Some(share), ..budget(1, most) }
    }

    fn decide(budgets: &[Budget], counts: &[(u8, i64, i64)], now: i64) -> Verdict {
        let count = |&(name, sum, since): &(u8, i64, i64)| {
            ([name; 32], Count { sum, since_minute: Some(since) })
        };
        Verdict::new(budgets, &counts.iter().map(count).collect(), now)
    }

    fn free_in(verdict: &Verdict) -> Option<Duration> {
        match verdict.admission {
            Admission::Granted => None,
            Admission::Exhausted { free_in } => Some(free_in),
        }
    }

    fn keys(names: &[u8]) -> BTreeSet<BudgetKey> {
        names.iter().map(|name| [*name; 32]).collect()
    }

    #[test]
    fn a_notification_within_all_budgets_is_granted_and_counts_against_each() {
        assert_eq!(free_in(&decide(&[], &[], 0)), None);
        let verdict = decide(&[budget(1, 5), budget(2, 60)], &[(1, 4, 1)], 0);
        assert_eq!((free_in(&verdict), verdict.counted), (None, keys(&[1, 2])));
    }

    #[test]
    fn a_budget_has_capacity_again_when_its_first_minute_leaves_the_period() {
        let now = NOW + 30_000;
        let verdict = decide(&[budget(1, 5)], &[(1, 5, 70)], now);
        assert_eq!(free_in(&verdict), Some(Duration::from_secs(30 * 60 + 30 - 60)));
        assert_eq!(verdict.counted, keys(&[]));
    }

    #[test]
    fn a_use_counts_once_within_the_period() {
        let count = |key: [u8; 32], sum| (key, Count { sum, since_minute: Some(90) });
        let (once, budget) = ([7; 32], budget(1, 2));
        let decide = |counts: &[([u8; 32], Count)]| {
            Verdict::of_use(&once, &budget, &counts.iter().copied().collect(), NOW)
        };
        let first = decide(&[count([1; 32], 1)]);
        assert_eq!((free_in(&first), first.counted), (None, keys(&[1, 7])));
        let again = decide(&[count([1; 32], 2), count(once, 1)]);
        assert_eq!((free_in(&again), again.counted), (None, keys(&[])));
        let other = decide(&[count([1; 32], 2)]);
        assert_eq!(free_in(&other), Some(Duration::from_mins(50)));
        assert_eq!(other.counted, keys(&[]));
    }

    #[test]
    fn the_longest_wait_of_all_budgets_counts() {
        let budgets = [budget(1, 5), budget(2, 6), budget(3, 7)];
        let verdict = decide(&budgets, &[(1, 5, 70), (2, 9, 90)], NOW);
        assert_eq!(free_in(&verdict), Some(Duration::from_secs(50 * 60)));
    }

    #[test]
    fn a_budget_of_zero_never_has_capacity() {
        assert_eq!(free_in(&decide(&[budget(1, 0)], &[], 0)), Some(HOUR));
    }

    #[test]
    fn a_client_may_use_all_of_a_shared_budget_while_no_other_client_is_refused() {
        for counts in [&[(1, 9, 90), (10, 9, 90)][..], &[(1, 9, 90), (110, 7, 90), (99, 7, 90)]] {
            let verdict = decide(&[shared(10, 10)], counts, NOW);
            assert_eq!((free_in(&verdict), verdict.counted), (None, keys(&[1, 10])));
        }
    }

    #[test]
    fn a_refusal_counts_for_the_client_and_for_all_clients() {
        let verdict = decide(&[shared(10, 10), budget(2, 5)], &[(1, 10, 90)], NOW);
        assert_eq!(verdict.counted, keys(&[110, 99]));
        // A budget that is not exhausted counts no refusals.
        let verdict = decide(&[shared(10, 10), budget(2, 5)], &[(2, 5, 90)], NOW);
        assert_eq!(verdict.counted, keys(&[]));
    }

    #[test]
    fn free_capacity_goes_to_the_client_that_used_less_once_another_was_refused() {
        // One client used nine of ten, the other none. One unit has become free.
        let counts = [(1, 9, 90), (10, 9, 90), (110, 5, 90), (99, 6, 90)];
        assert!(free_in(&decide(&[shared(10, 10)], &counts, NOW)).is_some());
        let counts = [(1, 9, 90), (120, 1, 90), (99, 6, 90)];
        assert_eq!(free_in(&decide(&[shared(10, 20)], &counts, NOW)), None);
    }

    #[test]
    fn a_client_that_competes_with_others_gets_at_most_a_third_of_the_budget() {
        // Two clients with unlimited demand that keep being refused settle at a third of the budget
        // each. The last third remains for the next client.
        let had = |one: i64| [(1, 2 * one, 90), (10, one, 90), (110, 5, 90), (99, 9, 90)];
        assert_eq!(free_in(&decide(&[shared(9, 10)], &had(2), NOW)), None);
        assert!(free_in(&decide(&[shared(9, 10)], &had(3), NOW)).is_some());
    }
}
