//! Counting messages against budgets, in the one thread that writes: nobody else asks meanwhile.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use engage_repository::{Admission, Budget, BudgetUse, RepositoryError};

use crate::clock::now;
use crate::error::repository_error;
use crate::sql::{Sql, execute};

const USED: &str = "SELECT sum(used), min(minute) FROM budget_uses WHERE budget = ? AND minute > ?";

const USE: &str = "
    INSERT INTO budget_uses (budget, minute, used) VALUES (?, ?, 1)
    ON CONFLICT (budget, minute) DO UPDATE SET used = used + 1";

const ADMIT: &str = "
    UPDATE notifications SET admitted_at = ?, held_back_at = NULL WHERE id = ?";

/// Counts a message against budgets, in a transaction of the caller's.
pub(super) fn admit(
    connection: &mut SqliteConnection,
    id: &[u8],
    budgets: &[Budget],
) -> Result<Admission, RepositoryError> {
    let now = now();
    let minute = now.div_euclid(60_000);
    let mut uses = Vec::new();
    for budget in budgets {
        uses.push((budget, used(connection, budget, minute).map_err(repository_error)?));
    }
    let admission = Admission::decide(uses, now);
    if admission == Admission::Granted {
        count(connection, id, budgets, now).map_err(repository_error)?;
    }
    Ok(admission)
}

fn used(connection: &mut SqliteConnection, budget: &Budget, minute: i64) -> QueryResult<BudgetUse> {
    let since = minute.saturating_sub(budget.minutes());
    let select: Sql<(Nullable<BigInt>, Nullable<BigInt>)> =
        Sql::prepared(USED, [budget.key.to_vec().into(), since.into()]);
    let (used, since_minute): (Option<i64>, Option<i64>) = select.get_result(connection)?;
    Ok(BudgetUse { used: used.unwrap_or(0), since_minute })
}

fn count(
    connection: &mut SqliteConnection,
    id: &[u8],
    budgets: &[Budget],
    now: i64,
) -> QueryResult<()> {
    let minute = now.div_euclid(60_000);
    for budget in budgets {
        execute(connection, USE, [budget.key.to_vec().into(), minute.into()])?;
    }
    execute(connection, ADMIT, [now.into(), id.to_vec().into()])
}
