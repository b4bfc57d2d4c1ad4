use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::Timestamp;
use engage_environment::Clock;
use tracing::warn;

use super::{Act, AuditAction, AuditLog, Initiator};
use crate::client_network;

/// Maximum number of client networks recorded per minute and server, so that a client cannot flood
/// the log by changing addresses.
const MOST_ADDRESSES: usize = 1000;

/// Records failed logins, at most one per minute and client network. Requests do not wait for it.
#[derive(Clone)]
pub struct FailedLogins {
    log: AuditLog,
    clock: Arc<dyn Clock>,
    recorded: Arc<Mutex<HashMap<IpAddr, Timestamp>>>,
}

impl FailedLogins {
    /// Creates a recorder that writes to `log`.
    pub fn new(log: AuditLog) -> Self {
        Self { clock: log.clock(), log, recorded: Arc::default() }
    }

    /// Records that a client presented an invalid credential.
    pub fn note(&self, address: IpAddr, request_id: Option<String>) {
        let now = self.clock.now();
        if !self.should_record(address, now) {
            return;
        }
        let log = self.log.clone();
        tokio::spawn(async move {
            let by = Initiator::unknown(address, request_id);
            if let Err(error) = log.append(&by, Act::new(AuditAction::LoginFailed)).await {
                warn!(%error, "failed to record a failed login");
            }
        });
    }

    fn should_record(&self, address: IpAddr, now: Timestamp) -> bool {
        let (minute, network) = (Duration::from_mins(1), client_network(address));
        // Each statement leaves the map consistent, so a panic elsewhere does no harm.
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.get(&network).is_some_and(|at| now < at.plus(minute)) {
            return false;
        }
        if recorded.len() >= MOST_ADDRESSES {
            recorded.retain(|_, at| now < at.plus(minute));
        }
        let has_room = recorded.len() < MOST_ADDRESSES;
        if has_room {
            recorded.insert(network, now);
        }
        has_room
    }
}
