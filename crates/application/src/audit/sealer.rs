use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{info, warn};

use super::AuditLog;

/// Time between two runs.
const EVERY: Duration = Duration::from_secs(1);

/// Time between two log lines with the end of the chain. In the log, it is out of reach of anyone
/// who can change the database.
const HEAD_EVERY: Duration = Duration::from_mins(1);

/// Seals entries of the audit log in the background and logs the end of the chain.
pub struct AuditSealer {
    log: AuditLog,
}

impl AuditSealer {
    /// Creates a sealer for `log`.
    pub fn new(log: AuditLog) -> Self {
        Self { log }
    }

    /// Runs until `stop` becomes true or its sender is dropped.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut logged_at: Option<Instant> = None;
        let mut has_failed = false;
        loop {
            match self.log.seal().await {
                Ok(head) => {
                    has_failed = false;
                    if logged_at.is_none_or(|at| at.elapsed() >= HEAD_EVERY) {
                        info!(%head, "audit log");
                        logged_at = Some(Instant::now());
                    }
                }
                Err(error) if !has_failed => {
                    let cause = error.causes();
                    warn!(%error, cause, "failed to seal the audit log; retrying");
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
