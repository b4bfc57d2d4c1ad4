use std::num::NonZeroU32;
use std::time::Duration;

use engage_repository::RepositoryError;
use tokio::time::timeout;

/// How many events are read at once.
pub(super) const PART: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

/// How long reading may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Fails where reading takes too long.
pub(super) async fn in_time<T>(
    reading: impl Future<Output = Result<T, RepositoryError>>,
) -> Result<T, RepositoryError> {
    timeout(PATIENCE, reading).await.map_err(RepositoryError::unavailable)?
}
