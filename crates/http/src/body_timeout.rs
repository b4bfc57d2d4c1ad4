//! The bodies of requests as they arrive, and how long they may take for it.

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

/// How long a client may be silent, and how long a body may take beyond what its length allows.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes of a body allow it a second more: the slowest pace, 256 kbit/s.
const PACE: u64 = 32 * 1024;

/// A body that arrives at a decent pace and does not pass a limit; else it ends with an error.
///
/// Only the time that was spent waiting for the client counts.
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

    /// How much longer the client may be waited for.
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

/// What it means that a body did not arrive as it should; nothing where it just broke off.
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

    /// A client who sends so many bytes after each pause of so many seconds, so often.
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

    /// How a body ends, and after how many seconds.
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
    async fn a_large_body_may_take_long_where_it_comes_steadily() {
        let steadily = outcome(client(MEBIBYTE / 4, 8, 100)).await;
        assert_eq!(steadily, (Ok(25 * MEBIBYTE), 800));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_or_stops_is_given_up_in_time() {
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
    async fn time_in_which_the_client_is_not_waited_for_does_not_count() {
        let mut arrival = TimedBody::new(client(1, 1, 8), 100);
        for _ in 0..8 {
            arrival.next().await.unwrap().unwrap();
            sleep(Duration::from_mins(1)).await;
        }
        assert!(arrival.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_past_its_limit_is_not_read_on() {
        assert_eq!(outcome(client(MEBIBYTE, 0, 26)).await, (Err(ErrorKind::FileTooLarge), 0));
    }
}
