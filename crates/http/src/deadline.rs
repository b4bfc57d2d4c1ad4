//! Answers in time.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::error::ApiError;

/// How long the work of a request may take, all its parts together. What the client takes to send
/// the request is not part of it.
const DEADLINE: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// How much of the time is left.
    static LEFT: Cell<Duration>;
}

/// Answers a request, whose work shares one deadline.
pub(crate) async fn with_deadline<T>(answer: impl Future<Output = T>) -> T {
    LEFT.scope(Cell::new(DEADLINE), answer).await
}

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
    // Work that belongs to no request has a deadline of its own.
    let left = LEFT.try_with(Cell::get).unwrap_or(DEADLINE);
    let begun_at = Instant::now();
    let outcome = timeout(left, tokio::spawn(work.in_current_span())).await;
    let _ = LEFT.try_with(|time| time.set(left.saturating_sub(begun_at.elapsed())));
    match outcome {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    async fn work(seconds: u64) -> Result<(), ApiError> {
        in_time(async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, ApiError>(())
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn the_parts_of_a_requests_work_share_one_deadline() {
        with_deadline(async {
            assert!(work(2).await.is_ok());
            assert!(work(2).await.is_ok());
            let begun_at = Instant::now();
            assert!(matches!(work(2).await, Err(ApiError::Unavailable)));
            assert_eq!(begun_at.elapsed(), Duration::from_secs(1));
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_the_client_takes_does_not_count() {
        with_deadline(async {
            assert!(work(3).await.is_ok());
            sleep(Duration::from_secs(10)).await;
            assert!(work(1).await.is_ok());
        })
        .await;
    }
}
