//! Idempotency keys that commits use.

use diesel_async::RunQueryDsl;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, RepositoryError};
use engage_sql::{DbTimestamp, response_under};

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
    let same = response_under(key.0.to_vec(), DbTimestamp(at));
    let exists = diesel::select(diesel::dsl::exists(same));
    connections.run(async |c| exists.get_result(c).await).await
}
