//! Counts notifications against budgets, on the one writer thread, so that no other count interferes.

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
    let minute = now.div_euclid(60_000);
    let mut counts = Counts::new();
    for budget in budgets {
        let since = minute.saturating_sub(budget.minutes());
        for key in budget.keys() {
            counts.insert(key, count(connection, &key, since)?);
        }
    }
    let Verdict { admission, counted } = Verdict::new(budgets, &counts, now);
    for key in counted {
        execute(connection, USE, [key.to_vec().into(), minute.into()])?;
    }
    if admission == Admission::Granted {
        execute(connection, ADMIT, [now.into(), id.into()])?;
    }
    Ok(admission)
}

fn count(connection: &mut SqliteConnection, key: &BudgetKey, since: i64) -> QueryResult<Count> {
    let select: Sql<(Nullable<BigInt>, Nullable<BigInt>)> =
        Sql::prepared(USED, [key.to_vec().into(), since.into()]);
    let (sum, since_minute): (Option<i64>, Option<i64>) = select.get_result(connection)?;
    Ok(Count { sum: sum.unwrap_or(0), since_minute })
}
