//! The deadline of a request.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::error::ApiError;
use crate::problems;

/// Time limit for all work of one request. The time the client takes to send the request is not
/// included.
const DEADLINE: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// Time left for the request.
    static LEFT: Cell<Duration>;
}

/// Runs a request handler whose work shares one deadline.
pub(crate) async fn with_deadline<T>(request: impl Future<Output = T>) -> T {
    LEFT.scope(Cell::new(DEADLINE), request).await
}

/// Does the work of a request in a separate task, so that a client that disconnects cannot leave a
/// change half made. Fails with [`ApiError::Unavailable`] if the deadline passes. A request with
/// noted problems fails before any work starts.
pub(crate) async fn in_time<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    problems::refuse_any()?;
    taking_its_time(|deadline| until(deadline, work)).await
}

/// Works like [`in_time`] with a separate time limit, for work that waits for something other than
/// the database.
pub(crate) async fn within<T, E>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    problems::refuse_any()?;
    until(Instant::now() + limit, work).await
}

/// Does pieces of a request's work concurrently, each as in [`in_time`], and returns their results
/// in order. Pieces that have not started by the deadline never start.
pub(crate) async fn each_in_time<I, T, F>(
    at_once: usize,
    items: &[I],
    work: impl Fn(&I) -> F,
) -> Result<Vec<Result<T, ApiError>>, ApiError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    problems::refuse_any()?;
    let outcomes = taking_its_time(async |deadline| {
        let pieces = items.iter().enumerate().map(|(place, item)| {
            let work = work(item);
            async move {
                if Instant::now() >= deadline {
                    return (place, Err(ApiError::Unavailable));
                }
                (place, until(deadline, work).await)
            }
        });
        let mut outcomes: Vec<_> = stream::iter(pieces).buffer_unordered(at_once).collect().await;
        outcomes.sort_unstable_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    });
    Ok(outcomes.await)
}

/// Subtracts the time that the work takes from the time left for the request. Work that belongs to
/// no request gets a deadline for itself.
async fn taking_its_time<T>(work: impl AsyncFnOnce(Instant) -> T) -> T {
    let left = LEFT.try_with(Cell::get).unwrap_or(DEADLINE);
    let begun_at = Instant::now();
    let outcome = work(begun_at + left).await;
    let _ = LEFT.try_with(|time| time.set(left.saturating_sub(begun_at.elapsed())));
    outcome
}

async fn until<T, E>(
    deadline: Instant,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    match timeout_at(deadline, tokio::spawn(work.in_current_span())).await {
        Ok(Ok(outcome)) => Ok(outcome?),
        Ok(Err(failure)) => {
            tracing::error!(%failure, "the work of a request panicked");
            Err(ApiError::Internal)
        }
        Err(_) => {
            tracing::warn!("the work of a request timed out");
            Err(ApiError::Unavailable)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

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
    async fn all_work_of_a_request_shares_one_deadline() {
        with_deadline(async {
            assert!(work(2).await.is_ok());
            assert!(work(2).await.is_ok());
            let begun_at = Instant::now();
            assert!(matches!(work(2).await, Err(ApiError::Unavailable)));
            assert_eq!(begun_at.elapsed(), Duration::from_secs(1));
        })
        .await;
    }

    /// Returns the result of each piece, and the pieces that started.
    async fn pieces(at_once: usize, seconds: &[u64]) -> (Vec<bool>, Vec<u64>) {
        let begun = Arc::new(Mutex::new(Vec::new()));
        let outcomes = each_in_time(at_once, seconds, |&seconds| {
            let begun = Arc::clone(&begun);
            async move {
                begun.lock().unwrap().push(seconds);
                sleep(Duration::from_secs(seconds)).await;
                Ok(seconds)
            }
        })
        .await
        .unwrap();
        let done = outcomes.iter().zip(seconds).map(|(outcome, seconds)| match outcome {
            Ok(returned) => {
                assert_eq!(returned, seconds);
                true
            }
            Err(ApiError::Unavailable) => false,
            Err(error) => panic!("{error}"),
        });
        (done.collect(), begun.lock().unwrap().clone())
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_run_concurrently_and_keep_their_order() {
        let begun_at = Instant::now();
        let (done, begun) = pieces(2, &[3, 1, 2, 1]).await;
        assert_eq!(done, [true; 4]);
        assert_eq!(begun, [3, 1, 2, 1]);
        assert_eq!(begun_at.elapsed(), Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn late_pieces_fail_and_pieces_without_a_turn_never_start() {
        with_deadline(async {
            assert!(work(1).await.is_ok());
            let begun_at = Instant::now();
            let (done, begun) = pieces(2, &[3, 9, 2, 7, 8]).await;
            assert_eq!(begun_at.elapsed(), Duration::from_secs(4));
            assert_eq!(done, [true, false, false, false, false]);
            assert_eq!(begun, [3, 9, 2]);
            assert!(matches!(work(1).await, Err(ApiError::Unavailable)));
        })
        .await;
    }

    #[tokio::test]
    async fn a_piece_that_panics_fails_alone() {
        let outcomes = each_in_time(2, &[1, 2, 3], |&number| async move {
            assert!(number != 2, "two");
            Ok(number)
        })
        .await
        .unwrap();
        assert!(matches!(outcomes[..], [Ok(1), Err(ApiError::Internal), Ok(3)]), "{outcomes:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn time_spent_waiting_for_the_client_does_not_count() {
        with_deadline(async {
            assert!(work(3).await.is_ok());
            sleep(Duration::from_secs(10)).await;
            assert!(work(1).await.is_ok());
        })
        .await;
    }
}
