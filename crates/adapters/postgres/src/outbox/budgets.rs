//! Counting messages against budgets.

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::{Admission, Budget, BudgetUse};
use uuid::Uuid;

use crate::instant::Instant;
use crate::sql::Sql;

/// One asks after another, on all servers: two at once would each find the last of a budget. "budget"
/// in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(108320114304372)::text, now()";

const USED: &str = "
    SELECT sum(used)::bigint, min(minute) FROM budget_uses WHERE budget = ? AND minute > ?";

const USE: &str = "
    INSERT INTO budget_uses (budget, minute, used) VALUES (?, ?, 1)
    ON CONFLICT (budget, minute) DO UPDATE SET used = budget_uses.used + 1";

const ADMIT: &str = "
    UPDATE notifications SET admitted_at = now(), held_back_at = NULL WHERE id = ?";

/// Counts a message against budgets, in a transaction of the caller's.
pub(super) async fn admit(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    budgets: &[Budget],
) -> QueryResult<Admission> {
    let lock: Sql<(Text, Timestamptz)> = Sql::prepared(LOCK, []);
    let (_, now): (String, Instant) = lock.get_result(connection).await?;
    let now = now.0.as_millis();
    let minute = now.div_euclid(60_000);
    let mut uses = Vec::new();
    for budget in budgets {
        let since = minute.saturating_sub(budget.minutes());
        let select: Sql<(Nullable<BigInt>, Nullable<BigInt>)> =
            Sql::prepared(USED, [budget.key.to_vec().into(), since.into()]);
        let (sum, since_minute): (Option<i64>, Option<i64>) = select.get_result(connection).await?;
        uses.push((budget, BudgetUse { used: sum.unwrap_or(0), since_minute }));
    }
    let admission = Admission::decide(uses, now);
    if admission == Admission::Granted {
        for budget in budgets {
            let insert: Sql<()> = Sql::prepared(USE, [budget.key.to_vec().into(), minute.into()]);
            insert.execute(connection).await?;
        }
        let update: Sql<()> = Sql::prepared(ADMIT, [id.into()]);
        update.execute(connection).await?;
    }
    Ok(admission)
}
