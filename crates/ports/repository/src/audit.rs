use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::{CaseId, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    AccessRepository, ErasureRepository, NotificationRepository, OutboxRepository, RepositoryError,
    StaffRepository, TokenRepository, WebhookRepository,
};

/// A SHA-256, or an HMAC with it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditHash(pub [u8; 32]);

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits")]
pub struct AuditHashError;

impl FromStr for AuditHash {
    type Err = AuditHashError;

    fn from_str(text: &str) -> Result<Self, AuditHashError> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(AuditHashError);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| AuditHashError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| AuditHashError)?;
        }
        Ok(Self(hash))
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditActor {
    /// A member of staff, by their id.
    Staff(String),
    /// Whoever may run commands on the machine.
    CommandLine,
    /// The program by itself.
    System,
    /// Somebody who was not recognised.
    Unknown,
}

impl AuditActor {
    /// What kind of actor it is, as it is stored and shown.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Staff(_) => "STAFF",
            Self::CommandLine => "COMMAND_LINE",
            Self::System => "SYSTEM",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The id of the member.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Staff(id) => Some(id),
            Self::CommandLine | Self::System | Self::Unknown => None,
        }
    }
}

/// What was done, in ids and names of fields only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFacts {
    /// Identifies the entry.
    pub id: u128,
    /// When.
    pub at: Timestamp,
    /// Kind of the actor, such as `STAFF`.
    pub actor_kind: String,
    /// Id of the member, if it was one.
    pub actor_id: Option<String>,
    /// Names the credential.
    pub credential: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// What was done, such as `token.created`.
    pub action: String,
    /// Id of what it was done to.
    pub subject: Option<String>,
    /// Id of the member whose it is, if it is somebody's.
    pub owner: Option<String>,
    /// Names of the fields that were set or changed.
    pub fields: Vec<String>,
    /// `HMAC-SHA256(salt, values)`, if there were values.
    pub values_mac: Option<AuditHash>,
}

impl AuditFacts {
    /// The hash of the entry at a position: over the one before it, and over all of these.
    pub fn chained(&self, previous: AuditHash, position: u64) -> AuditHash {
        let mut digest = Sha256::new();
        digest.update(previous.0);
        digest.update(position.to_be_bytes());
        digest.update(self.id.to_be_bytes());
        digest.update(self.at.as_millis().to_be_bytes());
        let fields = self.fields.join(",");
        let texts = [
            Some(self.actor_kind.as_str()),
            self.actor_id.as_deref(),
            self.credential.as_deref(),
            self.request_id.as_deref(),
            Some(self.action.as_str()),
            self.subject.as_deref(),
            self.owner.as_deref(),
            Some(fields.as_str()),
        ];
        for text in texts {
            part(&mut digest, text.map(str::as_bytes));
        }
        part(&mut digest, self.values_mac.as_ref().map(|mac| mac.0.as_slice()));
        AuditHash(digest.finalize().into())
    }
}

/// Each part with its length, so that no two entries have the same bytes.
fn part(digest: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => digest.update([0]),
        Some(bytes) => {
            digest.update([1]);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
    }
}

/// The values and free text of an entry, which may be erased.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditValues {
    /// Key of the entry's `values_mac`, which tells nothing of the values once this is gone.
    pub salt: [u8; 32],
    /// A JSON object.
    pub json: String,
    /// The case with whose data they are erased.
    pub case: Option<CaseId>,
}

impl fmt::Debug for AuditValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditValues(..)")
    }
}

/// An act, to be written down in its own commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// What was done.
    pub facts: AuditFacts,
    /// Its values.
    pub values: Option<AuditValues>,
}

/// An act as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the chain, from 1 on, without gaps.
    pub position: u64,
    /// The hash of the chain up to it.
    pub hash: AuditHash,
    /// What was done.
    pub facts: AuditFacts,
    /// Its values, unless it has none or they were erased.
    pub values: Option<AuditValues>,
}

/// An end of the chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// Position of the entry; 0 before the first.
    pub position: u64,
    /// Its hash; zero before the first.
    pub hash: AuditHash,
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl FromStr for AuditHead {
    type Err = AuditHashError;

    fn from_str(text: &str) -> Result<Self, AuditHashError> {
        let (position, hash) = text.trim().split_once(':').ok_or(AuditHashError)?;
        let position = position.parse().map_err(|_| AuditHashError)?;
        Ok(Self { position, hash: hash.parse()? })
    }
}

/// How the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditState {
    /// What retention cut off ends here; the first entry that is left follows it.
    pub base: AuditHead,
    /// The last entry.
    pub head: AuditHead,
    /// Since when the oldest entry has waited that is not in the chain yet.
    pub unsealed_since: Option<Timestamp>,
}

/// Which entries are asked for; `None` asks for nothing in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// By this member.
    pub actor: Option<String>,
    /// With this credential.
    pub credential: Option<String>,
    /// Of this kind, such as `token.created`; one that ends with a `.` stands for all that begin so.
    pub action: Option<String>,
    /// Done to this.
    pub subject: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// What was done by whom. Acts that change something else are written down by the port that changes
/// it, in the same commit.
///
/// Entries are only ever added at the end and cut off at the beginning.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Writes down an act that changes nothing else.
    ///
    /// MUST return only once it is durable.
    async fn append_audit(&self, record: &AuditRecord) -> Result<(), RepositoryError>;

    /// Puts every entry that was committed before into the chain, and returns its end.
    ///
    /// MUST number entries from 1 on without gaps and chain them by [`AuditFacts::chained`], also
    /// when several do so at once.
    async fn seal_audit(&self) -> Result<AuditHead, RepositoryError>;

    /// Lists entries of the chain that fit, the last first, from before a position on.
    async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError>;

    /// Lists entries of the chain in their order, after a position.
    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError>;

    /// Tells how the chain stands.
    async fn audit_state(&self) -> Result<AuditState, RepositoryError>;

    /// Cuts off entries from before a time at the beginning of the chain, so many at most; returns how
    /// many.
    ///
    /// MUST keep the hash of the last one that is cut off as the base. MUST leave the last entry.
    async fn cut_audit(&self, before: Timestamp, limit: NonZeroU32)
    -> Result<u64, RepositoryError>;
}

/// The ports through which an act is done that is written down.
///
/// Each MUST commit the record with a change that is made through it, all or nothing, and MUST NOT write it
/// down if nothing is changed. A port is for one change.
pub trait AuditedStore: Send + Sync {
    /// Changes members of staff.
    fn staff(&self, record: AuditRecord) -> Arc<dyn StaffRepository>;

    /// Changes their tokens.
    fn tokens(&self, record: AuditRecord) -> Arc<dyn TokenRepository>;

    /// Changes endpoints of other systems.
    fn webhooks(&self, record: AuditRecord) -> Arc<dyn WebhookRepository>;

    /// Sends messages again.
    fn notifications(&self, record: AuditRecord) -> Arc<dyn NotificationRepository>;

    /// Lets messages go to addresses again.
    fn outbox(&self, record: AuditRecord) -> Arc<dyn OutboxRepository>;

    /// Makes proofs of ownership void.
    fn access(&self, record: AuditRecord) -> Arc<dyn AccessRepository>;

    /// Erases personal data.
    fn erasure(&self, record: AuditRecord) -> Arc<dyn ErasureRepository>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> AuditFacts {
        AuditFacts {
            id: 7,
            at: Timestamp::from_millis(1_000),
            actor_kind: "STAFF".to_owned(),
            actor_id: Some("ann".to_owned()),
            credential: None,
            request_id: None,
            action: "token.created".to_owned(),
            subject: Some("tok_1".to_owned()),
            owner: None,
            fields: vec!["name".to_owned()],
            values_mac: None,
        }
    }

    #[test]
    fn every_fact_is_in_the_hash() {
        let first = AuditHash::default();
        let hash = facts().chained(first, 1);
        let mac = Some(AuditHash::default());
        let text = || Some("x".to_owned());
        for other in [
            AuditFacts { id: 8, ..facts() },
            AuditFacts { at: Timestamp::from_millis(1_001), ..facts() },
            AuditFacts { actor_kind: "SYSTEM".to_owned(), ..facts() },
            AuditFacts { actor_id: None, ..facts() },
            AuditFacts { credential: text(), ..facts() },
            AuditFacts { request_id: text(), ..facts() },
            AuditFacts { action: "token.revoked".to_owned(), ..facts() },
            AuditFacts { subject: None, ..facts() },
            AuditFacts { owner: text(), ..facts() },
            AuditFacts { fields: Vec::new(), ..facts() },
            AuditFacts { values_mac: mac, ..facts() },
            // The same letters in other fields.
            AuditFacts { subject: Some("tok_".to_owned()), owner: Some("1".to_owned()), ..facts() },
        ] {
            assert_ne!(other.chained(first, 1), hash, "{other:?}");
        }
        assert_ne!(facts().chained(first, 2), hash);
        assert_ne!(facts().chained(hash, 1), hash);
        assert_eq!(facts().chained(first, 1), hash);
    }

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = AuditHead { position: 12, hash: AuditHash([0xab; 32]) };
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in ["", "12", "12:", "x:00", ":ab", "12:é", &format!("1:{}", "+1".repeat(32))] {
            assert!(text.parse::<AuditHead>().is_err(), "{text}");
        }
    }
}
