//! Tokens that are revoked, and all that were made with them.

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::sql::Sql;

/// Which tokens of a member are to go.
pub(crate) enum Doomed {
    One(Uuid),
    MadeBy(String),
    All,
}

/// The tokens that are to go, as `gone`.
fn gone(staff_id: &str, doomed: &Doomed) -> Sql<()> {
    let mut sql =
        Sql::new("WITH RECURSIVE gone (id) AS (SELECT id FROM staff_tokens WHERE staff_id = ");
    sql.bind(staff_id.to_owned());
    match doomed {
        Doomed::One(id) => sql.push(" AND id = ").bind(*id),
        Doomed::MadeBy(member) => sql.push(" AND made_by = ").bind(member.clone()),
        Doomed::All => &mut sql,
    };
    sql.push(
        " UNION SELECT child.id FROM staff_tokens AS child JOIN gone ON child.parent_id = gone.id)",
    );
    sql
}

/// Removes the tokens and keeps what was known of them; returns how many.
///
/// One that is made with them meanwhile goes as well, since the row refers to its parent's.
pub(crate) async fn remove_tokens(
    connection: &mut AsyncPgConnection,
    staff_id: &str,
    doomed: &Doomed,
) -> QueryResult<usize> {
    let mut sql = gone(staff_id, doomed);
    sql.push(
        ", removed AS (
            DELETE FROM staff_tokens USING gone WHERE staff_tokens.id = gone.id
            RETURNING staff_tokens.*
        )
        INSERT INTO removed_tokens (id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, removed_at)
        SELECT id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, clock_timestamp()
        FROM removed",
    );
    sql.execute(connection).await
}
