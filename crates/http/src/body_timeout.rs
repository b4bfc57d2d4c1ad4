//! Timeouts for request bodies.

use std::future::Future;
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep};

use crate::error::ApiError;

/// Maximum silence of a client, and the time allowed on top of what the length of the body allows.
const PATIENCE: Duration = Duration::from_secs(10);

/// Number of bytes that extend the time limit by one second: a minimum rate of 256 kbit/s.
const PACE: u64 = 32 * 1024;

/// A body that must arrive at a minimum rate and stay below a size limit. Otherwise it ends with an
/// error.
///
/// Only the time spent waiting for the client counts.
pub(crate) struct TimedBody<P = Payload> {
    payload: P,
    limit: u64,
    received: u64,
    waited: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<P> TimedBody<P> {
    pub(crate) fn new(payload: P, limit: usize) -> Self {
        let limit = limit as u64;
        Self { payload, limit, received: 0, waited: Duration::ZERO, waiting: None }
    }

    /// Returns the remaining time to wait for the client.
    fn patience(&self) -> Duration {
        let earned = PATIENCE + Duration::from_millis(self.received * 1000 / PACE);
        earned.saturating_sub(self.waited).min(PATIENCE)
    }
}

impl<P> Stream for TimedBody<P>
where
    P: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.payload).poll_next(context) {
            Poll::Ready(next) => {
                if let Some((since, _)) = self.waiting.take() {
                    self.waited += since.elapsed();
                }
                let Some(Ok(bytes)) = &next else { return Poll::Ready(next) };
                self.received += bytes.len() as u64;
                if self.received > self.limit {
                    let refused = Error::from(ErrorKind::FileTooLarge);
                    return Poll::Ready(Some(Err(PayloadError::Io(refused))));
                }
                Poll::Ready(next)
            }
            Poll::Pending => {
                let patience = self.patience();
                let (_, timer) = self.waiting.get_or_insert_with(|| {
                    (Instant::now(), Box::pin(tokio::time::sleep(patience)))
                });
                std::task::ready!(timer.as_mut().poll(context));
                Poll::Ready(Some(Err(PayloadError::Io(Error::from(ErrorKind::TimedOut)))))
            }
        }
    }
}

/// Maps the error of an incomplete body to the error of the API. Returns `None` if the connection
/// just broke off.
pub(crate) fn refusal(error: &PayloadError, limit: usize) -> Option<ApiError> {
    match error {
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Some(ApiError::RequestTimeout)
        }
        PayloadError::Io(error) if error.kind() == ErrorKind::FileTooLarge => {
            Some(ApiError::PayloadTooLarge { limit })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use tokio::time::sleep;

    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    /// Builds a client that sends the given number of bytes after each pause, repeatedly.
    fn client(
        bytes: usize,
        pause: u64,
        times: usize,
    ) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        let piece = Bytes::from(vec![b'x'; bytes]);
        Box::pin(stream::iter(0..times).then(move |_| {
            let piece = piece.clone();
            async move {
                sleep(Duration::from_secs(pause)).await;
                Ok(piece)
            }
        }))
    }

    /// Returns the outcome of reading a body, and the seconds it took.
    async fn outcome(
        client: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    ) -> (Result<usize, ErrorKind>, u64) {
        let begun_at = Instant::now();
        let mut arrival = TimedBody::new(client, 25 * MEBIBYTE);
        let mut size = 0;
        let ended = loop {
            match arrival.next().await {
                Some(Ok(bytes)) => size += bytes.len(),
                Some(Err(PayloadError::Io(error))) => break Err(error.kind()),
                Some(Err(error)) => panic!("{error}"),
                None => break Ok(size),
            }
        };
        (ended, begun_at.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_may_take_long_if_it_arrives_steadily() {
        let steadily = outcome(client(MEBIBYTE / 4, 8, 100)).await;
        assert_eq!(steadily, (Ok(25 * MEBIBYTE), 800));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_or_stalls_times_out() {
        for (client, after) in [
            (client(1, 1, 1000), 10),
            (client(1024, 1, 1000), 10),
            (client(1, 11, 2), 10),
            (client(16 * 1024, 1, 1000), 19),
        ] {
            assert_eq!(outcome(client).await, (Err(ErrorKind::TimedOut), after));
        }
        let stops = client(MEBIBYTE, 0, 10).chain(client(1, 3600, 1));
        assert_eq!(outcome(stops).await, (Err(ErrorKind::TimedOut), 10));
    }

    #[tokio::test(start_paused = true)]
    async fn time_not_spent_waiting_for_the_client_does_not_count() {
        let mut arrival = TimedBody::new(client(1, 1, 8), 100);
        for _ in 0..8 {
            arrival.next().await.unwrap().unwrap();
            sleep(Duration::from_mins(1)).await;
        }
        assert!(arrival.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn reading_stops_at_the_size_limit() {
        assert_eq!(outcome(client(MEBIBYTE, 0, 26)).await, (Err(ErrorKind::FileTooLarge), 0));
    }
}
