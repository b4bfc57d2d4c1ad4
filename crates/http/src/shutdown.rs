use std::sync::Arc;

use tokio::sync::watch;

/// Signals the API that the program is shutting down, so that load balancers stop sending requests.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// Signals that the shutdown begins.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the shutdown has begun.
    pub(crate) async fn begun(&self) {
        // `self` holds the sender, so it cannot be dropped meanwhile.
        let _ = self.0.subscribe().wait_for(|has_begun| *has_begun).await;
    }
}
