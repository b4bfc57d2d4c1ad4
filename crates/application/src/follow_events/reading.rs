use std::num::NonZeroU32;
use std::time::Duration;

use engage_repository::RepositoryError;
use tokio::time::timeout;

/// Number of events read per query.
pub(super) const PART: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

/// Timeout of a query.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Runs a query with a timeout.
pub(super) async fn in_time<T>(
    reading: impl Future<Output = Result<T, RepositoryError>>,
) -> Result<T, RepositoryError> {
    timeout(PATIENCE, reading).await.map_err(RepositoryError::unavailable)?
}
