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
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Act, AuditAction, AuditLog, AuditSealer, Initiator};
/// # use engage_application::AuditRecorder;
/// # use engage_repository::AuditRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// use tokio::sync::watch;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let clock = Arc::new(ManualClock::new());
/// # let recorder = AuditRecorder::new(clock.clone(), Arc::new(SystemIds));
/// # let log = AuditLog::new(store.clone(), recorder, clock);
/// log.append(&Initiator::system(), Act::new(AuditAction::ServerStarted)).await?;
///
/// // It runs once more before it stops.
/// let (_stop, stopped) = watch::channel(true);
/// AuditSealer::new(log).run(stopped).await;
/// assert_eq!(store.audit_state().await?.head.position, 1);
/// # Ok(())
/// # }
/// ```
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
