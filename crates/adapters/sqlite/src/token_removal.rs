//! Tokens that are revoked, and all that were made with them.

use diesel::SqliteConnection;
use diesel::prelude::*;

use crate::clock::now;
use crate::sql::Sql;

/// Which tokens of a member are to go.
pub(crate) enum Doomed {
    One(Vec<u8>),
    MadeBy(String),
    All,
}

/// The tokens that are to go, as `gone`.
fn gone(staff_id: &str, doomed: &Doomed) -> Sql<()> {
    let mut sql =
        Sql::new("WITH RECURSIVE gone (id) AS (SELECT id FROM staff_tokens WHERE staff_id = ");
    sql.bind(staff_id.to_owned());
    match doomed {
        Doomed::One(id) => sql.push(" AND id = ").bind(id.clone()),
        Doomed::MadeBy(member) => sql.push(" AND made_by = ").bind(member.clone()),
        Doomed::All => &mut sql,
    };
    sql.push(
        " UNION SELECT child.id FROM staff_tokens AS child JOIN gone ON child.parent_id = gone.id)",
    );
    sql
}

/// Removes the tokens and keeps what was known of them; returns how many.
pub(crate) fn remove_tokens(
    connection: &mut SqliteConnection,
    staff_id: &str,
    doomed: &Doomed,
) -> QueryResult<usize> {
    let mut bury = gone(staff_id, doomed);
    bury.push(
        " INSERT INTO removed_tokens (id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, removed_at)
        SELECT id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, ",
    );
    bury.bind(now()).push(" FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    // The rows that go with their parent's do not count as deleted.
    let count = bury.execute(connection)?;
    let mut delete = gone(staff_id, doomed);
    delete.push(" DELETE FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    delete.execute(connection)?;
    Ok(count)
}
