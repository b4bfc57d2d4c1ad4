use async_trait::async_trait;
use engage_domain::{AttachmentId, CaseId, EventId, Version};

use crate::{RepositoryError, SearchWords};

/// What is to become of everything that a case has gathered, once the case itself is
/// [erased](engage_domain::Case::erase).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The case.
    pub case: CaseId,
    /// The version that erasing gave the case: what came before it is erased.
    pub before: Version,
    /// The snapshots of the events before, without a person's data.
    pub snapshots: Vec<(EventId, String)>,
    /// The words by which the case is found from now on.
    pub words: SearchWords,
}

/// Erases what a case has gathered about a person.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ErasureRepository: Send + Sync {
    /// Erases what came before a version of a case, all of it or nothing, and returns the files whose
    /// contents are to be deleted.
    ///
    /// MUST put [`ERASED`](engage_domain::ERASED) in the place of what was written in updates and
    /// escalations, and the snapshots in the place of those there are. MUST give the case these words
    /// and no other. MUST take files from their updates and make them uploads that have expired and
    /// were never finished, so that nobody finds them and their contents are deleted even where the
    /// caller is gone. MUST cancel e-mail and SMS that
    /// is not finished, but for what tells staff of an endpoint; MUST put
    /// [`ERASED_EMAIL`](engage_domain::ERASED_EMAIL) and [`ERASED_PHONE`](engage_domain::ERASED_PHONE)
    /// in the place of the customer's addresses, and [`ERASED`](engage_domain::ERASED) in that of what went wrong with any
    /// message. MUST forget the answers kept under idempotency keys and the customer's one-time code,
    /// and begin another generation of proofs of ownership.
    ///
    /// MUST leave alone what came at that version and later, and other cases. MUST succeed again.
    async fn erase(&self, erasure: Erasure) -> Result<Vec<AttachmentId>, RepositoryError>;
}
