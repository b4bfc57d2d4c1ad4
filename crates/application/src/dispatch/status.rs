use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the dispatcher of this process can do its work, as far as it knows.
#[derive(Debug, Clone, Default)]
pub struct DispatcherStatus(Arc<AtomicBool>);

impl DispatcherStatus {
    /// Whether the last look into the outbox succeeded; true where nobody looked yet.
    pub fn is_working(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set_working(&self, is_working: bool) {
        self.0.store(!is_working, Ordering::Relaxed);
    }
}
