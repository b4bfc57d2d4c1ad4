use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_environment::Clock;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHash, AuditHead, AuditRepository, RepositoryError,
};
use sha2::{Digest, Sha256};

use super::verify::Chain;
use super::{Act, AuditAction, AuditRecorder, AuditReport, Initiator};

/// Number of entries read per query.
const PART: NonZeroU32 = NonZeroU32::new(500).unwrap();

/// Maximum time until an entry is sealed.
const SEALED_WITHIN: Duration = Duration::from_mins(1);

/// The tamper-evident log of administrative actions.
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc};
/// use engage_application::{Act, AuditAction, AuditLog, Initiator};
/// # use engage_application::AuditRecorder;
/// use engage_repository::AuditFilter;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let clock = Arc::new(ManualClock::new());
/// # let recorder = AuditRecorder::new(clock.clone(), Arc::new(SystemIds));
/// let log = AuditLog::new(store, recorder, clock);
/// let act = Act::new(AuditAction::CasesExported).set("count", 12);
/// log.append(&Initiator::command_line(), act).await?;
///
/// let entries = log.list(&AuditFilter::default(), None, NonZeroU32::MIN).await?;
/// assert_eq!(entries[0].facts.action, "cases.exported");
/// let report = log.verify(None).await?;
/// assert_eq!((report.entries, report.fault), (1, None));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AuditLog {
    entries: Arc<dyn AuditRepository>,
    recorder: AuditRecorder,
    clock: Arc<dyn Clock>,
}

impl AuditLog {
    /// Creates the log over stored entries.
    pub fn new(
        entries: Arc<dyn AuditRepository>,
        recorder: AuditRecorder,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { entries, recorder, clock }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Appends an entry for an action that changes no data. Returns once it is durable.
    pub async fn append(&self, by: &Initiator, act: Act) -> Result<(), RepositoryError> {
        self.entries.append_audit(&self.recorder.record(by, act)).await
    }

    /// Lists entries, newest first. Entries committed before the call are sealed first, so none is
    /// missing.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.entries.seal_audit().await?;
        self.entries.list_audit(filter, before, limit).await
    }

    /// Seals the committed entries into the chain and returns its end.
    pub async fn seal(&self) -> Result<AuditHead, RepositoryError> {
        self.entries.seal_audit().await
    }

    /// Returns the position and hash of the last entry removed by retention.
    pub async fn base(&self) -> Result<AuditHead, RepositoryError> {
        Ok(self.entries.audit_state().await?.base)
    }

    /// Reads the next 500 entries after a position, in order.
    pub async fn read(&self, after: u64) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.entries.read_audit(after, PART).await
    }

    /// Verifies the whole chain. If `noted` is given, the chain must contain that earlier end.
    pub async fn verify(&self, noted: Option<AuditHead>) -> Result<AuditReport, RepositoryError> {
        loop {
            let state = self.entries.audit_state().await?;
            let chain = self.follow(state.base, noted).await?;
            // Retention may have removed the missing entries in the meantime.
            if chain.is_broken() && self.base().await? != state.base {
                continue;
            }
            let now = self.clock.now();
            let unsealed = state.unsealed_since.filter(|since| now > since.plus(SEALED_WITHIN));
            return Ok(chain.report(unsealed));
        }
    }

    async fn follow(
        &self,
        base: AuditHead,
        noted: Option<AuditHead>,
    ) -> Result<Chain, RepositoryError> {
        let mut chain = Chain::after(base, noted);
        while !chain.is_broken() {
            let part = self.read(chain.position()).await?;
            if part.is_empty() {
                break;
            }
            for entry in &part {
                chain.follow(entry);
                if chain.is_broken() {
                    break;
                }
            }
        }
        Ok(chain)
    }

    /// Records the start of a server. Of the settings only a fingerprint is stored, which reveals
    /// that they changed but not their values.
    pub async fn note_start(&self, version: &str, settings: &str) -> Result<(), RepositoryError> {
        let fingerprint = AuditHash(Sha256::digest(settings).into());
        let act = Act::new(AuditAction::ServerStarted)
            .set("version", version)
            .set("settings", fingerprint.to_string());
        self.append(&Initiator::system(), act).await
    }
}
