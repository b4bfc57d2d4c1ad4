use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::{CaseId, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    AccessRepository, ContactRepository, ErasureRepository, NotificationRepository,
    OrganizationRepository, OutboxRepository, PersonErasures, RepositoryError, StaffRepository,
    TagRepository, TokenRepository, WebhookRepository,
};

/// A SHA-256 hash or an HMAC based on it.
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

/// Error returned when a text is not a valid hash.
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

/// The actor of an audited action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditActor {
    /// A staff member, by id.
    Staff(String),
    /// The command line on the machine of the server.
    CommandLine,
    /// The program, acting automatically.
    System,
    /// An unauthenticated client.
    Unknown,
}

impl AuditActor {
    /// Returns the kind of actor, as stored and displayed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Staff(_) => "STAFF",
            Self::CommandLine => "COMMAND_LINE",
            Self::System => "SYSTEM",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Returns the id of the staff member.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Staff(id) => Some(id),
            Self::CommandLine | Self::System | Self::Unknown => None,
        }
    }
}

/// The permanent part of an audit entry. It consists of ids and field names only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFacts {
    /// Id of the entry.
    pub id: u128,
    /// Time of the action.
    pub at: Timestamp,
    /// Kind of actor, such as `STAFF`.
    pub actor_kind: String,
    /// Id of the staff member if the actor is one.
    pub actor_id: Option<String>,
    /// Id of the credential.
    pub credential: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// The action, such as `token.created`.
    pub action: String,
    /// Id of the object of the action.
    pub subject: Option<String>,
    /// Id of the staff member who owns the object, if there is one.
    pub owner: Option<String>,
    /// Names of the fields that were set or changed.
    pub fields: Vec<String>,
    /// `HMAC-SHA256(salt, values)` if there are values.
    pub values_mac: Option<AuditHash>,
}

impl AuditFacts {
    /// Returns the hash of the entry at a position, computed over the previous hash, the position
    /// and all fields.
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

/// Adds a part with its length as a prefix, so that no two entries produce the same bytes.
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

/// Values and free text of an audit entry. They can be erased.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditValues {
    /// Key of the `values_mac` of the entry. Without it, the MAC reveals nothing about the values.
    pub salt: [u8; 32],
    /// The values, as a JSON object.
    pub json: String,
    /// Case with whose data the values are erased.
    pub case: Option<CaseId>,
}

impl fmt::Debug for AuditValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditValues(..)")
    }
}

/// An audit entry to append, in the same commit as the audited change if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Permanent part of the entry.
    pub facts: AuditFacts,
    /// Values of the entry.
    pub values: Option<AuditValues>,
}

/// A stored audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Position in the chain, from 1 and without gaps.
    pub position: u64,
    /// Hash of the chain up to and including the entry.
    pub hash: AuditHash,
    /// Permanent part of the entry.
    pub facts: AuditFacts,
    /// Values of the entry, unless it has none or they were erased.
    pub values: Option<AuditValues>,
}

/// An end of the audit chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// Position of the entry, or 0 before the first one.
    pub position: u64,
    /// Hash of the entry, or zero before the first one.
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

/// State of the audit chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditState {
    /// Last entry removed by retention. The oldest remaining entry follows it.
    pub base: AuditHead,
    /// Last entry of the chain.
    pub head: AuditHead,
    /// Time since which the oldest entry outside the chain has been waiting to be sealed.
    pub unsealed_since: Option<Timestamp>,
}

/// Criteria for audit entries. `None` matches every entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Staff member who acted.
    pub actor: Option<String>,
    /// Credential that was used.
    pub credential: Option<String>,
    /// Action, such as `token.created`. One that ends with a `.` matches as a prefix.
    pub action: Option<String>,
    /// Object of the action.
    pub subject: Option<String>,
    /// Earliest time, inclusive.
    pub from: Option<Timestamp>,
    /// Latest time, exclusive.
    pub to: Option<Timestamp>,
}

/// The audit log. An action that changes other data is recorded in the same commit by the port that
/// makes the change.
///
/// Entries are only ever appended at the end and removed at the beginning.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use engage_repository::{AuditFilter, AuditHash, AuditRecord, AuditRepository};
/// use engage_sqlite::SqliteStore;
/// # use engage_repository::AuditFacts;
/// # use engage_testkit::builders::{a_fresh_id, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// # let facts = AuditFacts {
/// #     id: a_fresh_id(),
/// #     at: monday(),
/// #     actor_kind: "STAFF".to_owned(),
/// #     actor_id: Some("staff-123".to_owned()),
/// #     credential: None,
/// #     request_id: None,
/// #     action: "cases.exported".to_owned(),
/// #     subject: None,
/// #     owner: None,
/// #     fields: Vec::new(),
/// #     values_mac: None,
/// # };
/// let record = AuditRecord { facts, values: None };
/// store.append_audit(&record).await?;
/// let head = store.seal_audit().await?;
///
/// let entries = store.list_audit(&AuditFilter::default(), None, NonZeroU32::MIN).await?;
/// assert_eq!((entries[0].position, entries[0].hash), (head.position, head.hash));
/// assert_eq!(head.hash, record.facts.chained(AuditHash::default(), 1));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Appends an entry for an action that changes nothing else.
    ///
    /// MUST return only once it is durable.
    async fn append_audit(&self, record: &AuditRecord) -> Result<(), RepositoryError>;

    /// Seals every committed entry into the chain, and returns the end of the chain.
    ///
    /// MUST number entries from 1 without gaps and chain them with [`AuditFacts::chained`], even if
    /// several callers seal at once.
    async fn seal_audit(&self) -> Result<AuditHead, RepositoryError>;

    /// Lists matching entries of the chain, last first, starting before a position or at the end.
    async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError>;

    /// Lists entries of the chain in order, after a position.
    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError>;

    /// Returns the state of the chain. Monitoring calls this every few seconds.
    ///
    /// MUST report a time while an entry is committed and outside the chain.
    async fn audit_state(&self) -> Result<AuditState, RepositoryError>;

    /// Removes entries older than a time from the beginning of the chain, at most `limit`, and
    /// returns their number.
    ///
    /// MUST retain the hash of the last removed entry as the base. MUST leave the last entry.
    async fn cut_audit(&self, before: Timestamp, limit: NonZeroU32)
    -> Result<u64, RepositoryError>;
}

/// Ports that audit their changes.
///
/// Each of them MUST commit the audit record atomically with the change made through it, and MUST
/// NOT write the record if nothing changes. A port is used for a single change.
///
/// ```
/// use engage_repository::{AuditRecord, AuditRepository, AuditedStore, StaffRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::a_staff_member;
/// # use engage_repository::AuditFacts;
/// # use engage_testkit::builders::{a_fresh_id, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// # let facts = AuditFacts {
/// #     id: a_fresh_id(),
/// #     at: monday(),
/// #     actor_kind: "COMMAND_LINE".to_owned(),
/// #     actor_id: None,
/// #     credential: None,
/// #     request_id: None,
/// #     action: "staff.added".to_owned(),
/// #     subject: Some("staff-123".to_owned()),
/// #     owner: None,
/// #     fields: Vec::new(),
/// #     values_mac: None,
/// # };
/// let (jane, record) = (a_staff_member("staff-123"), AuditRecord { facts, values: None });
/// store.staff(record.clone()).add_staff(&jane).await?;
/// assert_eq!(store.seal_audit().await?.position, 1);
///
/// // A change that is rejected leaves no entry.
/// assert!(store.staff(record).add_staff(&jane).await.is_err());
/// assert_eq!(store.seal_audit().await?.position, 1);
/// # Ok(())
/// # }
/// ```
pub trait AuditedStore: Send + Sync {
    /// Returns a port for changing staff members.
    fn staff(&self, record: AuditRecord) -> Arc<dyn StaffRepository>;

    /// Returns a port for changing staff tokens.
    fn tokens(&self, record: AuditRecord) -> Arc<dyn TokenRepository>;

    /// Returns a port for changing webhook endpoints.
    fn webhooks(&self, record: AuditRecord) -> Arc<dyn WebhookRepository>;

    /// Returns a port for sending notifications again.
    fn notifications(&self, record: AuditRecord) -> Arc<dyn NotificationRepository>;

    /// Returns a port for lifting suppressions of addresses.
    fn outbox(&self, record: AuditRecord) -> Arc<dyn OutboxRepository>;

    /// Returns a port for revoking proofs of ownership.
    fn access(&self, record: AuditRecord) -> Arc<dyn AccessRepository>;

    /// Returns a port for erasing personal data.
    fn erasure(&self, record: AuditRecord) -> Arc<dyn ErasureRepository>;

    /// Returns a port for requesting erasures of persons, and for completing them.
    fn person_erasures(&self, record: AuditRecord) -> Arc<dyn PersonErasures>;

    /// Returns a port for changing contacts.
    fn contacts(&self, record: AuditRecord) -> Arc<dyn ContactRepository>;

    /// Returns a port for changing organizations.
    fn organizations(&self, record: AuditRecord) -> Arc<dyn OrganizationRepository>;

    /// Returns a port for renaming and merging tags.
    fn tags(&self, record: AuditRecord) -> Arc<dyn TagRepository>;
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
    fn the_hash_covers_every_field() {
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
            // The same characters, distributed differently among the fields.
            AuditFacts { subject: Some("tok_".to_owned()), owner: Some("1".to_owned()), ..facts() },
        ] {
            assert_ne!(other.chained(first, 1), hash, "{other:?}");
        }
        assert_ne!(facts().chained(first, 2), hash);
        assert_ne!(facts().chained(hash, 1), hash);
        assert_eq!(facts().chained(first, 1), hash);
    }

    #[test]
    fn a_head_survives_a_round_trip() {
        let head = AuditHead { position: 12, hash: AuditHash([0xab; 32]) };
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in ["", "12", "12:", "x:00", ":ab", "12:é", &format!("1:{}", "+1".repeat(32))] {
            assert!(text.parse::<AuditHead>().is_err(), "{text}");
        }
    }
}
