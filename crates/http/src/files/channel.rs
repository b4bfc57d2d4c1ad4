//! A channel from the connection's thread, which receives a file, to the task that stores it.

use std::io;
use std::time::Duration;

use actix_web::web::Bytes;
use engage_repository::Content;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Time limit for the store to accept one chunk.
const PATIENCE: Duration = Duration::from_secs(20);

/// Number of chunks that are buffered.
const PIECES: usize = 4;

enum Part {
    Bytes(Bytes),
    End,
}

/// Sends the chunks of a file. If the sender is dropped before [`FileSender::finish`], the file is
/// incomplete.
pub(super) struct FileSender(mpsc::Sender<Part>);

/// Error returned when a chunk is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SendError {
    /// The receiver was dropped.
    Unwanted,
    /// The store did not accept the chunk in time.
    Stuck,
}

/// Builds the two ends of the channel.
pub(super) fn file_channel() -> (FileSender, Content) {
    let (sender, receiver) = mpsc::channel(PIECES);
    let content = stream::try_unfold(receiver, |mut receiver| async move {
        match receiver.recv().await {
            Some(Part::Bytes(bytes)) => Ok(Some((bytes, receiver))),
            Some(Part::End) => Ok(None),
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    });
    (FileSender(sender), Box::pin(content))
}

impl FileSender {
    pub(super) async fn send(&self, bytes: Bytes) -> Result<(), SendError> {
        self.hand_over(Part::Bytes(bytes)).await
    }

    /// Marks the file as complete.
    pub(super) async fn finish(self) -> Result<(), SendError> {
        self.hand_over(Part::End).await
    }

    async fn hand_over(&self, part: Part) -> Result<(), SendError> {
        match timeout(PATIENCE, self.0.send(part)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(SendError::Unwanted),
            Err(_) => Err(SendError::Stuck),
        }
    }
}

/// Builds the content of a file that is already in memory.
pub(super) fn in_memory(bytes: Vec<u8>) -> Content {
    Box::pin(stream::iter([Ok(bytes.into())]))
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn a_file_is_complete_only_after_the_sender_finishes() {
        for is_whole in [true, false] {
            let (sender, content) = file_channel();
            sender.send("a".into()).await.unwrap();
            if is_whole {
                sender.finish().await.unwrap();
            } else {
                drop(sender);
            }
            let pieces: io::Result<Vec<Bytes>> = content.try_collect().await;
            assert_eq!(pieces.ok(), is_whole.then(|| vec!["a".into()]));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_or_dropped_store_is_noticed() {
        let (sender, content) = file_channel();
        let mut outcome = Ok(());
        while outcome.is_ok() {
            outcome = sender.send("a".into()).await;
        }
        assert_eq!(outcome, Err(SendError::Stuck));
        drop(content);
        assert_eq!(sender.send("a".into()).await, Err(SendError::Unwanted));
    }
}
