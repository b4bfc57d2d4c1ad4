//! Budgets of what anybody can have sent without a login.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// Identifies a budget: the SHA-256 of its name, so that no store keeps an address for it.
pub type BudgetKey = [u8; 32];

/// A budget that a message is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Which budget.
    pub key: BudgetKey,
    /// Most messages within the time.
    pub most: u32,
    /// The time that counts, in whole minutes.
    pub within: Duration,
    /// The one of those who share the budget who caused the message; `None` if it is not dealt out among
    /// them, and whoever comes first has it.
    pub share: Option<Share>,
}

/// One of those who share a budget, by the keys of their counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What this one had of the budget.
    pub had: BudgetKey,
    /// How often this one was refused.
    pub refused: BudgetKey,
    /// How often anybody was refused.
    pub refused_in_all: BudgetKey,
}

impl Budget {
    /// Minutes that count, at least one.
    pub fn minutes(&self) -> i64 {
        i64::try_from(self.within.as_secs().div_ceil(60)).unwrap_or(i64::MAX).max(1)
    }

    /// The keys of the counts by which it is decided.
    pub fn keys(&self) -> Vec<BudgetKey> {
        let mut keys = vec![self.key];
        if let Some(Share { had, refused, refused_in_all }) = self.share {
            keys.extend([had, refused, refused_in_all]);
        }
        keys
    }
}

/// Whether a message may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted against each budget.
    Granted,
    /// One budget or more is used up; it is counted against none.
    Exhausted {
        /// Time until each of them has something again.
        free_in: Duration,
    },
}

/// What was counted under a key, within the time of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How much.
    pub sum: i64,
    /// The first minute since 1970 in which something was.
    pub since_minute: Option<i64>,
}

/// What was counted under each key.
pub type Counts = HashMap<BudgetKey, Count>;

/// What is decided of a message, and what is counted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may go.
    pub admission: Admission,
    /// The keys under each of which one more is counted.
    pub counted: BTreeSet<BudgetKey>,
}

impl Verdict {
    /// Decides by what is counted for each budget. `now` is in milliseconds since 1970.
    ///
    /// While others were refused a budget that is shared, it is smaller for somebody by what they
    /// had of it, so that what is free again goes to those who had the least.
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
            // A budget of nothing has something again only when its setting changes.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const NOW: i64 = 100 * 60_000;

    fn budget(name: u8, most: u32) -> Budget {
        Budget { key: [name; 32], most, within: HOUR, share: None }
    }

    /// A budget of this name as it is shared by somebody.
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
    fn a_message_goes_while_every_budget_has_something_and_counts_against_each() {
        assert_eq!(free_in(&decide(&[], &[], 0)), None);
        let verdict = decide(&[budget(1, 5), budget(2, 60)], &[(1, 4, 1)], 0);
        assert_eq!((free_in(&verdict), verdict.counted), (None, keys(&[1, 2])));
    }

    #[test]
    fn a_budget_has_something_again_when_its_first_minute_has_left_the_time() {
        let now = NOW + 30_000;
        let verdict = decide(&[budget(1, 5)], &[(1, 5, 70)], now);
        assert_eq!(free_in(&verdict), Some(Duration::from_secs(30 * 60 + 30 - 60)));
        assert_eq!(verdict.counted, keys(&[]));
    }

    #[test]
    fn the_budget_that_takes_longest_decides() {
        let budgets = [budget(1, 5), budget(2, 6), budget(3, 7)];
        let verdict = decide(&budgets, &[(1, 5, 70), (2, 9, 90)], NOW);
        assert_eq!(free_in(&verdict), Some(Duration::from_mins(50)));
    }

    #[test]
    fn a_budget_of_nothing_never_has_something() {
        assert_eq!(free_in(&decide(&[budget(1, 0)], &[], 0)), Some(HOUR));
    }

    #[test]
    fn all_of_a_shared_budget_is_for_one_while_nobody_else_is_refused() {
        for counts in [&[(1, 9, 90), (10, 9, 90)][..], &[(1, 9, 90), (110, 7, 90), (99, 7, 90)]] {
            let verdict = decide(&[shared(10, 10)], counts, NOW);
            assert_eq!((free_in(&verdict), verdict.counted), (None, keys(&[1, 10])));
        }
    }

    #[test]
    fn a_refusal_is_counted_for_the_one_and_for_all() {
        let verdict = decide(&[shared(10, 10), budget(2, 5)], &[(1, 10, 90)], NOW);
        assert_eq!(verdict.counted, keys(&[110, 99]));
        // What is not used up was refused to nobody.
        let verdict = decide(&[shared(10, 10), budget(2, 5)], &[(2, 5, 90)], NOW);
        assert_eq!(verdict.counted, keys(&[]));
    }

    #[test]
    fn once_another_was_refused_what_is_free_goes_to_who_had_less() {
        // Of ten, the one had nine and the other nothing; one has come free.
        let counts = [(1, 9, 90), (10, 9, 90), (110, 5, 90), (99, 6, 90)];
        assert!(free_in(&decide(&[shared(10, 10)], &counts, NOW)).is_some());
        let counts = [(1, 9, 90), (120, 1, 90), (99, 6, 90)];
        assert_eq!(free_in(&decide(&[shared(10, 20)], &counts, NOW)), None);
    }

    #[test]
    fn who_had_as_much_as_all_others_is_dealt_no_more_than_they() {
        // Two who want without end, and their refusals, settle at a third each of what there is; the
        // last third is for who comes next.
        let had = |one: i64| [(1, 2 * one, 90), (10, one, 90), (110, 5, 90), (99, 9, 90)];
        assert_eq!(free_in(&decide(&[shared(9, 10)], &had(2), NOW)), None);
        assert!(free_in(&decide(&[shared(9, 10)], &had(3), NOW)).is_some());
    }
}
