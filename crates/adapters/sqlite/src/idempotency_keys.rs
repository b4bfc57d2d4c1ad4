//! Idempotency keys that commits use.

use diesel::prelude::*;
use engage_sql::schema::idempotency_keys;
use engage_sql::{StoredResponseRow, response_under};

/// Returns whether another change was committed under the key of this one and has not expired.
pub(crate) fn is_used(
    connection: &mut SqliteConnection,
    row: &StoredResponseRow,
) -> QueryResult<bool> {
    let same = response_under(row.key.clone(), row.changed_at);
    diesel::select(diesel::dsl::exists(same)).get_result(connection)
}

/// Stores a response. It replaces an expired one under the same key.
pub(crate) fn store(connection: &mut SqliteConnection, row: &StoredResponseRow) -> QueryResult<()> {
    diesel::replace_into(idempotency_keys::table).values(row).execute(connection).map(drop)
}
