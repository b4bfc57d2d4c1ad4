//! Revocation of tokens, and of all that were made with them.

use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_sql::{DbId, RevokedTokens};

use crate::clock::now;
use crate::sql::Sql;

/// Begins a statement with the tokens to revoke, as `gone`.
fn gone(staff_id: &str, tokens: &RevokedTokens) -> Sql<()> {
    let mut sql =
        Sql::new("WITH RECURSIVE gone (id) AS (SELECT id FROM staff_tokens WHERE staff_id = ");
    sql.bind(staff_id);
    match tokens {
        RevokedTokens::One(id) => sql.push(" AND id = ").bind(DbId::from(*id)),
        RevokedTokens::MadeBy(member) => sql.push(" AND made_by = ").bind(member.as_str()),
        RevokedTokens::All => &mut sql,
    };
    sql.push(
        " UNION SELECT child.id FROM staff_tokens AS child JOIN gone ON child.parent_id = gone.id)",
    );
    sql
}

/// Revokes tokens, of which a record without secrets remains. Returns their number.
pub(crate) fn remove_tokens(
    connection: &mut SqliteConnection,
    staff_id: &str,
    tokens: &RevokedTokens,
) -> QueryResult<usize> {
    let mut record = gone(staff_id, tokens);
    record.push(
        " INSERT INTO removed_tokens (id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, removed_at)
        SELECT id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, ",
    );
    record.bind(now()).push(" FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    // The deletion would not count the rows that it deletes with their parents.
    let count = record.execute(connection)?;
    let mut delete = gone(staff_id, tokens);
    delete.push(" DELETE FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    delete.execute(connection)?;
    Ok(count)
}
