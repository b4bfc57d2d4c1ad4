//! Budgets of what anybody can have sent without a login.

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
}

impl Budget {
    /// Minutes that count, at least one.
    pub fn minutes(&self) -> i64 {
        i64::try_from(self.within.as_secs().div_ceil(60)).unwrap_or(i64::MAX).max(1)
    }
}

/// Whether a message may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may, and is counted against each budget.
    Granted,
    /// One budget or more is used up; nothing was counted.
    Exhausted {
        /// Time until each of them has something again.
        free_in: Duration,
    },
}

/// How much of a budget is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// Messages within the time.
    pub used: i64,
    /// The first minute since 1970 with a message within the time.
    pub since_minute: Option<i64>,
}

impl Admission {
    /// Decides by what is used of each budget. `now` is in milliseconds since 1970.
    pub fn decide<'a>(uses: impl IntoIterator<Item = (&'a Budget, BudgetUse)>, now: i64) -> Self {
        let waits = uses.into_iter().filter(|(budget, found)| found.used >= budget.most.into());
        let waits = waits.map(|(budget, found)| {
            // A budget of nothing has something again only when its setting changes.
            let since = found.since_minute.unwrap_or(now.div_euclid(60_000));
            let free_at = since.saturating_add(budget.minutes()).saturating_mul(60_000);
            u64::try_from(free_at.saturating_sub(now)).unwrap_or(0).max(1)
        });
        match waits.max() {
            None => Self::Granted,
            Some(wait) => Self::Exhausted { free_in: Duration::from_millis(wait) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn budget(most: u32) -> Budget {
        Budget { key: [7; 32], most, within: HOUR }
    }

    fn decide(uses: &[(u32, i64, Option<i64>)], now: i64) -> Admission {
        let budgets: Vec<_> = uses.iter().map(|&(most, ..)| budget(most)).collect();
        let found = uses.iter().map(|&(_, used, since_minute)| BudgetUse { used, since_minute });
        Admission::decide(budgets.iter().zip(found), now)
    }

    #[test]
    fn a_message_goes_while_every_budget_has_something() {
        assert_eq!(decide(&[], 0), Admission::Granted);
        assert_eq!(decide(&[(5, 4, Some(1)), (60, 0, None)], 0), Admission::Granted);
    }

    #[test]
    fn a_budget_has_something_again_when_its_first_minute_has_left_the_time() {
        let now = 100 * 60_000 + 30_000;
        let free_in = Duration::from_secs(30 * 60 + 30 - 60);
        assert_eq!(decide(&[(5, 5, Some(70))], now), Admission::Exhausted { free_in });
    }

    #[test]
    fn the_budget_that_takes_longest_decides() {
        let now = 100 * 60_000;
        let free_in = Duration::from_mins(50);
        let found = decide(&[(5, 5, Some(70)), (6, 9, Some(90)), (7, 0, None)], now);
        assert_eq!(found, Admission::Exhausted { free_in });
    }

    #[test]
    fn a_budget_of_nothing_never_has_something() {
        let found = decide(&[(0, 0, None)], 0);
        assert_eq!(found, Admission::Exhausted { free_in: HOUR });
    }
}
