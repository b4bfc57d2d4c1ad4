//! Revocation of tokens, and of all that were made with them.

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_sql::RevokedTokens;

/// Revokes tokens, of which a record without secrets remains. Returns their number.
///
/// A token that is made with one of them meanwhile is deleted too, because its row refers to its parent's.
pub(crate) async fn remove_tokens(
    connection: &mut AsyncPgConnection,
    staff_id: &str,
    tokens: &RevokedTokens,
) -> QueryResult<usize> {
    let mut sql = tokens.select(staff_id);
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
