//! Revocation of tokens, and of all that were made with them.

use diesel::SqliteConnection;
use diesel::prelude::*;
use engage_sql::RevokedTokens;

use crate::clock::now;

/// Revokes tokens, of which a record without secrets remains. Returns their number.
pub(crate) fn remove_tokens(
    connection: &mut SqliteConnection,
    staff_id: &str,
    tokens: &RevokedTokens,
) -> QueryResult<usize> {
    let mut record = tokens.select(staff_id);
    record.push(
        " INSERT INTO removed_tokens (id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, removed_at)
        SELECT id, staff_id, name, created_at, expires_at, last_used_at,
            role_ceiling, parent_id, made_by, ",
    );
    record.bind(now()).push(" FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    // The deletion would not count the rows that it deletes with their parents.
    let count = record.execute(connection)?;
    let mut delete = tokens.select(staff_id);
    delete.push(" DELETE FROM staff_tokens WHERE id IN (SELECT id FROM gone)");
    delete.execute(connection)?;
    Ok(count)
}
