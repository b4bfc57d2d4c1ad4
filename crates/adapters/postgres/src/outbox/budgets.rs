//! Counts notifications and new participants against budgets.

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::NotificationId;
use engage_repository::{Admission, Budget, BudgetKey, Count, Counts, Verdict};
use engage_sql::{DbId, DbTimestamp, SqlTimestamp};

use crate::sql::{Sql, execute};

/// The lock under which budgets are counted, "budget" in ASCII. Two counts at once would each use the
/// last of a budget.
const LOCK: &str = "SELECT pg_advisory_xact_lock(108320114304372)::text, now()";

/// Looks every key up by the index, in one statement, because others wait for the lock meanwhile.
const USED: &str = "
    SELECT found.used, found.since_minute
    FROM unnest(?::bytea[], ?::bigint[]) WITH ORDINALITY AS asked (budget, since, place)
    CROSS JOIN LATERAL (
        SELECT sum(used)::bigint AS used, min(minute) AS since_minute FROM budget_uses
        WHERE budget_uses.budget = asked.budget AND minute > asked.since
    ) AS found
    ORDER BY asked.place";

const USE: &str = "
    INSERT INTO budget_uses (budget, minute, used)
    SELECT counted, ?, 1 FROM unnest(?::bytea[]) AS counted
    ON CONFLICT (budget, minute) DO UPDATE SET used = budget_uses.used + 1";

const ADMIT: &str = "
    UPDATE notifications SET admitted_at = now(), held_back_at = NULL WHERE id = ?";

/// Counts a notification against budgets, in the transaction of the caller.
pub(super) async fn admit(
    connection: &mut AsyncPgConnection,
    id: DbId<NotificationId>,
    budgets: &[Budget],
) -> QueryResult<Admission> {
    let keys = |budget: &Budget| {
        let minutes = budget.minutes();
        budget.keys().into_iter().map(move |key| (key, minutes))
    };
    let keys = budgets.iter().flat_map(keys).collect();
    let decide = |counts: &Counts, now| Verdict::new(budgets, counts, now);
    let admission = count(connection, keys, decide).await?;
    if admission == Admission::Granted {
        execute(connection, ADMIT, [id.into()]).await?;
    }
    Ok(admission)
}

/// Counts a use of a budget unless it was counted already, in the transaction of the caller.
pub(crate) async fn take(
    connection: &mut AsyncPgConnection,
    once: &BudgetKey,
    budget: &Budget,
) -> QueryResult<Admission> {
    let keys = budget.keys().into_iter().chain([*once]).map(|key| (key, budget.minutes()));
    let decide = |counts: &Counts, now| Verdict::of_use(once, budget, counts, now);
    count(connection, keys.collect(), decide).await
}

/// Counts what is decided from the counts of these keys, each within its number of minutes.
async fn count(
    connection: &mut AsyncPgConnection,
    keys: Vec<(BudgetKey, i64)>,
    decide: impl FnOnce(&Counts, i64) -> Verdict,
) -> QueryResult<Admission> {
    let lock: Sql<(Text, SqlTimestamp)> = Sql::prepared(LOCK, []);
    let (_, now): (String, DbTimestamp) = lock.get_result(connection).await?;
    let now = now.as_millis();
    let minute = now.div_euclid(60_000);
    let asked: Vec<_> = keys.iter().map(|(key, _)| key.to_vec()).collect();
    let since: Vec<_> = keys.iter().map(|(_, minutes)| minute.saturating_sub(*minutes)).collect();
    let select: Sql<(Nullable<BigInt>, Nullable<BigInt>)> =
        Sql::prepared(USED, [asked.into(), since.into()]);
    let found: Vec<(Option<i64>, Option<i64>)> = select.load(connection).await?;
    let count =
        |(sum, since_minute): (Option<i64>, _)| Count { sum: sum.unwrap_or(0), since_minute };
    let keys = keys.into_iter().map(|(key, _)| key);
    let counts = keys.zip(found.into_iter().map(count)).collect();
    let Verdict { admission, counted } = decide(&counts, now);
    if !counted.is_empty() {
        let counted: Vec<_> = counted.iter().map(|key| key.to_vec()).collect();
        execute(connection, USE, [minute.into(), counted.into()]).await?;
    }
    Ok(admission)
}
