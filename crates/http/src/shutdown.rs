use std::sync::Arc;

use tokio::sync::watch;

/// Tells the API that the program is about to end, so that it is no longer offered work.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// The program is about to end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it has begun.
    pub(crate) async fn begun(&self) {
        // The sender is not gone while this is there.
        let _ = self.0.subscribe().wait_for(|has_begun| *has_begun).await;
    }
}
