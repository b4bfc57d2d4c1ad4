use std::sync::Arc;

use tokio::sync::watch;

/// Tells the dispatcher of this process that a commit left messages, which need not wait for its next
/// poll then.
#[derive(Debug, Clone)]
pub struct OutboxSignal(Arc<watch::Sender<()>>);

impl Default for OutboxSignal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl OutboxSignal {
    /// Receives a change whenever [`notify`](Self::notify) is called.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }

    /// Tells that there may be something to deliver.
    pub fn notify(&self) {
        self.0.send_replace(());
    }
}
