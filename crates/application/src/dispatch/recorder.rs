//! Records how attempts ended, those that end together in one go.

use std::sync::Arc;
use std::time::Duration;

use engage_repository::{Attempt, OutboxRepository};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::cause_of;

/// How many attempts are recorded together.
const LARGEST_BATCH: usize = 256;

/// For how long recording is tried again: less than a claim outlives its delivery by. After that
/// the lease runs out and the message is delivered once more.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_millis(500);

struct Ended {
    attempt: Attempt,
    recorded: oneshot::Sender<bool>,
}

/// Hands attempts to the task that records them, which ends when the last of these is gone.
#[derive(Clone)]
pub(super) struct Recorder(mpsc::Sender<Ended>);

impl Recorder {
    pub(super) fn start(outbox: Arc<dyn OutboxRepository>) -> Self {
        let (sender, ended) = mpsc::channel(LARGEST_BATCH);
        tokio::spawn(record(outbox, ended));
        Self(sender)
    }

    /// Records an attempt; `false` where the claim was taken over meanwhile, or it could not be
    /// recorded in time.
    pub(super) async fn record(&self, attempt: Attempt) -> bool {
        let (recorded, outcome) = oneshot::channel();
        // The task ends when its senders are gone, of which this is one.
        let _ = self.0.send(Ended { attempt, recorded }).await;
        outcome.await.unwrap_or(false)
    }
}

async fn record(outbox: Arc<dyn OutboxRepository>, mut ended: mpsc::Receiver<Ended>) {
    let mut batch = Vec::new();
    while ended.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        let (attempts, answers): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|ended| (ended.attempt, ended.recorded)).unzip();
        let recorded = record_batch(&*outbox, attempts).await;
        for (answer, recorded) in answers.into_iter().zip(recorded) {
            // Who does not wait any more was told to stop.
            let _ = answer.send(recorded);
        }
    }
}

async fn record_batch(outbox: &dyn OutboxRepository, attempts: Vec<Attempt>) -> Vec<bool> {
    let since = Instant::now();
    loop {
        match outbox.complete(attempts.clone()).await {
            Ok(recorded) => return recorded,
            Err(failure) if since.elapsed() < PATIENCE => {
                warn!(count = attempts.len(), cause = cause_of(&failure), "cannot record attempts");
                sleep(PAUSE).await;
            }
            Err(failure) => {
                let cause = cause_of(&failure);
                tracing::error!(
                    count = attempts.len(),
                    cause,
                    "gave up recording attempts: the messages are delivered again"
                );
                return vec![false; attempts.len()];
            }
        }
    }
}
