use std::sync::Arc;

use engage_environment::{Clock, IdGenerator};
use engage_repository::{AuditFacts, AuditHash, AuditRecord, AuditValues};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{Act, Initiator};

/// Builds audit entries.
#[derive(Clone)]
pub struct AuditRecorder {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl AuditRecorder {
    /// Creates a recorder with sources of time and salts.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { clock, ids }
    }

    /// Builds the entry of an act, to be committed together with the change.
    ///
    /// The client address is personal data, so it belongs to the values, which can be erased.
    pub fn record(&self, by: &Initiator, act: Act) -> AuditRecord {
        let Act { action, subject, owner, fields, mut values, case } = act;
        if let Some(address) = by.address {
            values.insert("address".to_owned(), address.to_string().into());
        }
        let values = (!values.is_empty()).then(|| AuditValues {
            salt: self.ids.secret(),
            json: Value::Object(values).to_string(),
            case,
        });
        let facts = AuditFacts {
            id: self.ids.next_id(),
            at: self.clock.now(),
            actor_kind: by.actor.kind().to_owned(),
            actor_id: by.actor.id().map(str::to_owned),
            credential: by.credential.map(|id| id.to_string()),
            request_id: by.request_id.clone(),
            action: action.as_str().to_owned(),
            subject,
            owner: owner.map(|id| id.to_string()),
            fields,
            values_mac: values.as_ref().map(values_mac),
        };
        AuditRecord { facts, values }
    }
}

/// Computes `HMAC-SHA256(salt, values)`.
pub(super) fn values_mac(values: &AuditValues) -> AuditHash {
    // HMAC accepts keys of any length (RFC 2104, section 2).
    #[allow(clippy::expect_used)]
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&values.salt).expect("HMAC accepts keys of any length");
    mac.update(values.json.as_bytes());
    AuditHash(mac.finalize().into_bytes().into())
}
