use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Status of the dispatcher of this process.
#[derive(Debug, Clone, Default)]
pub struct DispatcherStatus(Arc<AtomicBool>);

impl DispatcherStatus {
    /// Checks whether the last access to the outbox succeeded; true before the first one.
    pub fn is_working(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set_working(&self, is_working: bool) {
        self.0.store(!is_working, Ordering::Relaxed);
    }
}
