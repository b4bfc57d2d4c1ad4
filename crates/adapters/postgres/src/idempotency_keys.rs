//! Idempotency keys that commits use.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, RepositoryError};
use engage_sql::DbTimestamp;
use engage_sql::schema::idempotency_keys;

use crate::connections::Connections;

/// A key, and the time of the change that is to be committed under it.
#[derive(Clone, Copy)]
pub(crate) struct KeyUse {
    pub(crate) key: IdempotencyKey,
    pub(crate) at: Timestamp,
}

/// Returns whether another change was committed under a key and has not expired.
pub(crate) async fn is_used(
    connections: &Connections,
    KeyUse { key, at }: KeyUse,
) -> Result<bool, RepositoryError> {
    let same = idempotency_keys::table
        .filter(idempotency_keys::key.eq(key.0.to_vec()))
        .filter(idempotency_keys::expires_at.gt(DbTimestamp(at)));
    let exists = diesel::select(diesel::dsl::exists(same));
    connections.run(async |c| exists.get_result(c).await).await
}
