//! Answers in time.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tracing::Instrument;

use crate::error::ApiError;

/// How long a request may take, from when it is understood to when it is answered.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Does the work of a request in a task of its own, so that a client who goes away cannot leave a
/// change half made, and answers [`ApiError::Unavailable`] where it takes too long.
pub(crate) async fn in_time<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    match timeout(DEADLINE, tokio::spawn(work.in_current_span())).await {
        Ok(Ok(outcome)) => Ok(outcome?),
        Ok(Err(failure)) => {
            tracing::error!(%failure, "a request's work ended in a panic");
            Err(ApiError::Internal)
        }
        Err(_) => {
            tracing::warn!("a request's work took too long");
            Err(ApiError::Unavailable)
        }
    }
}
