use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use engage_domain::attachment::ContentHash;
use engage_repository::Content;
use futures_util::Stream;
use sha2::{Digest, Sha256};

/// Counts and hashes a content while it is streamed, and aborts the stream if it grows too large.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Reading>>);

struct Reading {
    limit: u64,
    size: u64,
    digest: Sha256,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The stream has not ended yet.
    Flowing,
    /// The stream ended normally.
    Complete,
    /// The source of the stream failed.
    Broken,
    /// The content exceeded the limit.
    TooLarge,
}

impl Meter {
    pub(super) fn new(limit: u64) -> Self {
        let reading = Reading { limit, size: 0, digest: Sha256::new(), state: State::Flowing };
        Self(Arc::new(Mutex::new(reading)))
    }

    /// Wraps a content so that it is measured while it is read.
    pub(super) fn measure(&self, content: Content) -> Content {
        Box::pin(Measured { content, meter: self.clone() })
    }

    pub(super) fn state(&self) -> State {
        self.reading().state
    }

    /// Returns the size in bytes and the hash of the content read so far.
    pub(super) fn result(&self) -> (u64, ContentHash) {
        let reading = self.reading();
        (reading.size, ContentHash::from_bytes(reading.digest.clone().finalize().into()))
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Measured {
    content: Content,
    meter: Meter,
}

impl Stream for Measured {
    type Item = io::Result<bytes::Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.meter.state() != State::Flowing {
            return Poll::Ready(None);
        }
        let next = std::task::ready!(self.content.as_mut().poll_next(context));
        let mut reading = self.meter.reading();
        Poll::Ready(match next {
            Some(Ok(piece)) => {
                reading.size += piece.len() as u64;
                if reading.size > reading.limit {
                    reading.state = State::TooLarge;
                    Some(Err(io::Error::from(io::ErrorKind::FileTooLarge)))
                } else {
                    reading.digest.update(&piece);
                    Some(Ok(piece))
                }
            }
            Some(Err(error)) => {
                reading.state = State::Broken;
                Some(Err(error))
            }
            None => {
                reading.state = State::Complete;
                None
            }
        })
    }
}
