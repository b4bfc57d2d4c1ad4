//! Recorder of delivery attempts, which writes them in batches.
//!
//! A slot is free as soon as its delivery ends, without waiting for the disk.

use std::sync::Arc;
use std::time::Duration;

use engage_domain::Channel;
use engage_repository::{Attempt, OutboxRepository};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{debug, error, warn};

/// Maximum number of attempts per batch, and of attempts that wait. Beyond that, deliveries wait.
const LARGEST_BATCH: usize = 256;

/// Time for which recording is retried, less than the lease outlives the delivery. Afterwards the
/// lease expires and the notification is delivered again.
const PATIENCE: Duration = Duration::from_secs(25);

/// Delay before a retry.
const PAUSE: Duration = Duration::from_millis(500);

/// Passes the attempts of a channel to the task that records them. The task ends when the last
/// recorder is dropped.
#[derive(Clone)]
pub(super) struct Recorder(mpsc::Sender<Attempt>);

impl Recorder {
    /// Starts the task.
    pub(super) fn start(channel: Channel, outbox: Arc<dyn OutboxRepository>) -> (Self, Recording) {
        let (sender, ended) = mpsc::channel(LARGEST_BATCH);
        let recorded = Arc::new(Notify::new());
        let task = tokio::spawn(record(channel, outbox, ended, Arc::clone(&recorded)));
        (Self(sender), Recording { recorded, task })
    }

    /// Queues an attempt to be recorded.
    pub(super) async fn record(&self, attempt: Attempt) {
        // The task outlives its senders, of which this is one. If it panicked, the lease expires
        // and the notification is delivered again.
        if let Err(mpsc::error::SendError(attempt)) = self.0.send(attempt).await {
            error!(notification = %attempt.id, "an attempt was lost: the recorder has stopped");
        }
    }
}

/// Task that records the attempts of a channel.
pub(super) struct Recording {
    recorded: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Recording {
    /// Waits for the next batch to be recorded.
    pub(super) async fn recorded(&self) {
        self.recorded.notified().await;
    }

    /// Waits until everything queued by the dropped recorders is recorded. Returns `false` if that
    /// takes too long.
    pub(super) async fn end_by(self, end: Instant) -> bool {
        timeout_at(end, self.task).await.is_ok()
    }
}

async fn record(
    channel: Channel,
    outbox: Arc<dyn OutboxRepository>,
    mut ended: mpsc::Receiver<Attempt>,
    recorded: Arc<Notify>,
) {
    let mut batch = Vec::new();
    while ended.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        let attempts = std::mem::take(&mut batch);
        let ids: Vec<_> = attempts.iter().map(|attempt| attempt.id).collect();
        for (id, is_recorded) in ids.into_iter().zip(record_batch(&*outbox, attempts).await) {
            if is_recorded {
                debug!(notification = %id, %channel, "recorded an attempt");
            } else {
                warn!(notification = %id, %channel, "the attempt was not recorded: the claim has expired");
            }
        }
        recorded.notify_one();
    }
}

/// Records attempts. Returns `false` for each whose lease was taken over, and for all of them if
/// recording did not succeed in time.
async fn record_batch(outbox: &dyn OutboxRepository, attempts: Vec<Attempt>) -> Vec<bool> {
    let since = Instant::now();
    loop {
        match outbox.complete(attempts.clone()).await {
            Ok(recorded) => return recorded,
            Err(failure) if since.elapsed() < PATIENCE => {
                warn!(
                    count = attempts.len(),
                    cause = failure.causes(),
                    "failed to record attempts; retrying"
                );
                sleep(PAUSE).await;
            }
            Err(failure) => {
                let (count, cause) = (attempts.len(), failure.causes());
                error!(
                    count,
                    cause, "gave up recording attempts; the notifications will be sent again"
                );
                return vec![false; count];
            }
        }
    }
}
