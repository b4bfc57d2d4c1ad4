use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{info, warn};

use super::AuditLog;
use crate::error_cause::cause_of;

/// How often entries are put into the chain.
const EVERY: Duration = Duration::from_secs(1);

/// How often the end of the chain goes to the log, from where nobody who changes the database takes it
/// back.
const HEAD_EVERY: Duration = Duration::from_mins(1);

/// Puts entries of the audit log into the chain, and tells the log where that ends.
pub struct AuditSealer {
    log: AuditLog,
}

impl AuditSealer {
    /// Seals this one.
    pub fn new(log: AuditLog) -> Self {
        Self { log }
    }

    /// Works until `stop` becomes true (or its sender is gone).
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut told_at: Option<Instant> = None;
        let mut has_failed = false;
        loop {
            match self.log.seal().await {
                Ok(head) => {
                    has_failed = false;
                    if told_at.is_none_or(|at| at.elapsed() >= HEAD_EVERY) {
                        info!(%head, "audit log");
                        told_at = Some(Instant::now());
                    }
                }
                Err(error) if !has_failed => {
                    let cause = cause_of(&error);
                    warn!(%error, cause, "the audit log was not sealed; it is tried again");
                    has_failed = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.wait_for(|is_over| *is_over) => return,
            }
        }
    }
}
