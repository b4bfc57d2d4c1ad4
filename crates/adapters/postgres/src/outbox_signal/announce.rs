use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use engage_outbound::error_chain;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::debug;

use super::NOTIFY;
use crate::connections::Connections;

/// Minimum time between two signals. PostgreSQL lets one transaction at a time send `NOTIFY`, across all
/// databases of a server.
const GATHER: Duration = Duration::from_millis(20);

/// Sends signals from a background task, which ends when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct OutboxNotifier(mpsc::Sender<()>);

impl OutboxNotifier {
    pub(crate) fn start(connections: &Connections) -> Self {
        // One request is enough, because the next signal covers all commits before it.
        let (notify, requests) = mpsc::channel(1);
        tokio::spawn(announce(connections.clone(), requests));
        Self(notify)
    }

    /// Requests a signal for committed notifications, without waiting for it.
    pub(crate) fn notify(&self) {
        // If the channel is full, a signal is still to be sent.
        let _ = self.0.try_send(());
    }
}

async fn announce(connections: Connections, mut requests: mpsc::Receiver<()>) {
    // The channel is empty before a signal is sent, so a commit meanwhile requests another one.
    while requests.recv().await.is_some() {
        if let Err(failure) = connections.run(async |c| c.batch_execute(NOTIFY).await).await {
            debug!(reason = error_chain(&failure), "cannot signal that notifications are pending");
        }
        sleep(GATHER).await;
    }
}
