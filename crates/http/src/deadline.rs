//! Answers in time.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::error::ApiError;
use crate::problems;

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
/// change half made, and answers [`ApiError::Unavailable`] where it takes too long. Of a request with
/// problems nothing is done.
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

/// The same for work that has a time of its own, since it waits for others than the database.
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

/// Does pieces of a request's work, so many at once and each like [`in_time`], and answers for each
/// in its place. What has not begun when the time is over does not begin any more.
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

/// Takes what something needs from the time of the request. Work that belongs to no request has a
/// deadline of its own.
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

    /// What each of some pieces came to, and which began.
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
            Ok(answered) => {
                assert_eq!(answered, seconds);
                true
            }
            Err(ApiError::Unavailable) => false,
            Err(error) => panic!("{error}"),
        });
        (done.collect(), begun.lock().unwrap().clone())
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_are_done_so_many_at_once_and_answered_for_in_their_places() {
        let begun_at = Instant::now();
        let (done, begun) = pieces(2, &[3, 1, 2, 1]).await;
        assert_eq!(done, [true; 4]);
        assert_eq!(begun, [3, 1, 2, 1]);
        assert_eq!(begun_at.elapsed(), Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_that_are_late_are_told_and_those_that_had_no_turn_do_not_begin() {
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
    async fn time_that_the_client_takes_does_not_count() {
        with_deadline(async {
            assert!(work(3).await.is_ok());
            sleep(Duration::from_secs(10)).await;
            assert!(work(1).await.is_ok());
        })
        .await;
    }
}
