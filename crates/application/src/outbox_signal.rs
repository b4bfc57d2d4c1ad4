use std::sync::Arc;

use tokio::sync::watch;

/// Wakes the dispatcher of this process after a commit with notifications, instead of waiting for
/// its next poll.
#[derive(Debug, Clone)]
pub struct OutboxSignal(Arc<watch::Sender<()>>);

impl Default for OutboxSignal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl OutboxSignal {
    /// Subscribes to the signal. The receiver changes on each [`notify`](Self::notify).
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }

    /// Signals that there may be notifications to deliver.
    pub fn notify(&self) {
        self.0.send_replace(());
    }
}
