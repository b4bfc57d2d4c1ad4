use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHash, AuditHead, AuditRepository, RepositoryError,
};
use sha2::{Digest, Sha256};
use tracing::warn;

use super::verify::Chain;
use super::{Act, AuditAction, AuditRecorder, AuditReport, Initiator};
use crate::client_network;
use crate::environment::Clock;

/// How many entries are read at once.
const PART: NonZeroU32 = NonZeroU32::new(500).unwrap();

/// For how long entries may wait to be put into the chain.
const SEALED_WITHIN: Duration = Duration::from_mins(1);

/// What was done by whom.
#[derive(Clone)]
pub struct AuditLog {
    entries: Arc<dyn AuditRepository>,
    recorder: AuditRecorder,
    clock: Arc<dyn Clock>,
}

impl AuditLog {
    /// The log that is kept there.
    pub fn new(
        entries: Arc<dyn AuditRepository>,
        recorder: AuditRecorder,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { entries, recorder, clock }
    }

    /// Writes down an act that changes nothing. Returns once that is durable.
    pub async fn append(&self, by: &Initiator, act: Act) -> Result<(), RepositoryError> {
        self.entries.append_audit(&self.recorder.record(by, act)).await
    }

    /// Lists entries, the last first, all that were committed before among them.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.entries.seal_audit().await?;
        self.entries.list_audit(filter, before, limit).await
    }

    /// Puts what commits left into the chain, and returns its end.
    pub async fn seal(&self) -> Result<AuditHead, RepositoryError> {
        self.entries.seal_audit().await
    }

    /// Where the part ends that retention cut off.
    pub async fn base(&self) -> Result<AuditHead, RepositoryError> {
        Ok(self.entries.audit_state().await?.base)
    }

    /// Reads the entries after a position in their order, a part of them.
    pub async fn read(&self, after: u64) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.entries.read_audit(after, PART).await
    }

    /// Follows the whole chain, and holds it to an end that was noted elsewhere.
    pub async fn verify(&self, noted: Option<AuditHead>) -> Result<AuditReport, RepositoryError> {
        loop {
            let state = self.entries.audit_state().await?;
            let chain = self.follow(state.base, noted).await?;
            // What is missing may have been cut off meanwhile.
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

    /// Writes down that a server starts, with a fingerprint of its settings: it tells that they changed,
    /// and nothing of them.
    pub async fn note_start(&self, version: &str, settings: &str) -> Result<(), RepositoryError> {
        let fingerprint = AuditHash(Sha256::digest(settings).into());
        let act = Act::new(AuditAction::ServerStarted)
            .set("version", version)
            .set("settings", fingerprint.to_string());
        self.append(&Initiator::system(), act).await
    }
}

/// How many addresses a server notes in a minute, so that nobody fills the log by changing theirs.
const MOST_ADDRESSES: usize = 1000;

/// Notes failed log-ins: one an address and minute, beside the request, which does not wait for it.
#[derive(Clone)]
pub struct FailedLogins {
    log: AuditLog,
    noted: Arc<Mutex<HashMap<IpAddr, Timestamp>>>,
}

impl FailedLogins {
    /// Notes them there.
    pub fn new(log: AuditLog) -> Self {
        Self { log, noted: Arc::default() }
    }

    /// Notes that somebody there showed what is not valid.
    pub fn note(&self, address: IpAddr, request_id: Option<String>) {
        let now = self.log.clock.now();
        if !self.is_to_be_noted(address, now) {
            return;
        }
        let log = self.log.clone();
        tokio::spawn(async move {
            let by = Initiator::unknown(address, request_id);
            if let Err(error) = log.append(&by, Act::new(AuditAction::LoginFailed)).await {
                warn!(%error, "a failed log-in was not written down");
            }
        });
    }

    fn is_to_be_noted(&self, address: IpAddr, now: Timestamp) -> bool {
        let (minute, network) = (Duration::from_mins(1), client_network(address));
        // It is whole after every statement that changes it.
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&network).is_some_and(|at| now < at.plus(minute)) {
            return false;
        }
        if noted.len() >= MOST_ADDRESSES {
            noted.retain(|_, at| now < at.plus(minute));
        }
        let has_room = noted.len() < MOST_ADDRESSES;
        if has_room {
            noted.insert(network, now);
        }
        has_room
    }
}
