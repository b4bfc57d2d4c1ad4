use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::debug;

use super::NOTIFY;
use crate::connections::Connections;
use crate::error_chain::with_sources;

/// How long to gather after an announcement. PostgreSQL lets one transaction at a time announce
/// something, over all databases of a server.
const GATHER: Duration = Duration::from_millis(20);

/// Announces in the background that messages wait; ends when the last of these is gone.
#[derive(Clone)]
pub(crate) struct OutboxNotifier(mpsc::Sender<()>);

impl OutboxNotifier {
    pub(crate) fn start(connections: &Connections) -> Self {
        // One place is enough: what is announced next covers whatever was committed before.
        let (notify, requests) = mpsc::channel(1);
        tokio::spawn(announce(connections.clone(), requests));
        Self(notify)
    }

    /// Says that messages were committed. Nobody waits for the announcement.
    pub(crate) fn notify(&self) {
        // Where the place is taken, an announcement is still to come.
        let _ = self.0.try_send(());
    }
}

async fn announce(connections: Connections, mut requests: mpsc::Receiver<()>) {
    // The place is free again before anything is announced, so what is committed meanwhile is
    // announced once more.
    while requests.recv().await.is_some() {
        if let Err(failure) = connections.run(async |c| c.batch_execute(NOTIFY).await).await {
            debug!(reason = with_sources(&failure), "cannot announce that messages wait");
        }
        sleep(GATHER).await;
    }
}
