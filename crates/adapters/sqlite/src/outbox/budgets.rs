//! Counts notifications and new participants against budgets, on the one writer thread, so that no other count interferes.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use engage_domain::NotificationId;
use engage_repository::{Admission, Budget, BudgetKey, Count, Counts, Verdict};
use engage_sql::DbId;

use crate::sql::{Sql, execute};

const USED: &str = "SELECT sum(used), min(minute) FROM budget_uses WHERE budget = ? AND minute > ?";

const USE: &str = "
    INSERT INTO budget_uses (budget, minute, used) VALUES (?, ?, 1)
    ON CONFLICT (budget, minute) DO UPDATE SET used = used + 1";

const ADMIT: &str = "
    UPDATE notifications SET admitted_at = ?, held_back_at = NULL WHERE id = ?";

/// Counts a notification against budgets, in the transaction of the caller.
pub(super) fn admit(
    connection: &mut SqliteConnection,
    id: DbId<NotificationId>,
    budgets: &[Budget],
    now: i64,
) -> QueryResult<Admission> {
    let mut counts = Counts::new();
    for budget in budgets {
        for key in budget.keys() {
            counts.insert(key, count(connection, &key, budget, now)?);
        }
    }
    let admission = note(connection, Verdict::new(budgets, &counts, now), now)?;
    if admission == Admission::Granted {
        execute(connection, ADMIT, [now.into(), id.into()])?;
    }
    Ok(admission)
}

/// Counts a use of a budget unless it was counted already, in the transaction of the caller.
pub(crate) fn take(
    connection: &mut SqliteConnection,
    once: &BudgetKey,
    budget: &Budget,
    now: i64,
) -> QueryResult<Admission> {
    let mut counts = Counts::new();
    for key in budget.keys().into_iter().chain([*once]) {
        counts.insert(key, count(connection, &key, budget, now)?);
    }
    note(connection, Verdict::of_use(once, budget, &counts, now), now)
}

fn note(connection: &mut SqliteConnection, verdict: Verdict, now: i64) -> QueryResult<Admission> {
    let minute = now.div_euclid(60_000);
    for key in verdict.counted {
        execute(connection, USE, [key.to_vec().into(), minute.into()])?;
    }
    Ok(verdict.admission)
}

fn count(
    connection: &mut SqliteConnection,
    key: &BudgetKey,
    budget: &Budget,
    now: i64,
) -> QueryResult<Count> {
    let since = now.div_euclid(60_000).saturating_sub(budget.minutes());
    let select: Sql<(Nullable<BigInt>, Nullable<BigInt>)> =
        Sql::prepared(USED, [key.to_vec().into(), since.into()]);
    let (sum, since_minute): (Option<i64>, Option<i64>) = select.get_result(connection)?;
    Ok(Count { sum: sum.unwrap_or(0), since_minute })
}
