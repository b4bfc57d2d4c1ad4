use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{Address, CaseNumber, NotificationId, Template};

use crate::RepositoryError;

/// Proves that a message is claimed by the one who shows it: a claim that has run out and was
/// taken over has another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimToken(pub i64);

/// A message that somebody is to deliver now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMessage {
    /// Identifies the message over all its attempts.
    pub id: NotificationId,
    /// Needed to complete it.
    pub claim: ClaimToken,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The case it is about.
    pub case_number: CaseNumber,
    /// What it says.
    pub template: Template,
    /// Where it goes.
    pub address: Address,
    /// The case and the event as text, as they were when the message was written down.
    pub snapshot: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// The other side accepted the message.
    Sent,
    /// It failed in a way that may pass.
    Retry {
        /// How long to wait.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// It will never succeed.
    Dead {
        /// What went wrong.
        reason: String,
    },
    /// The channel took no message at all, through no fault of this one: the attempt does not count.
    Deferred {
        /// How long to wait.
        after: Duration,
        /// What went wrong.
        reason: String,
    },
    /// It was not attempted after all; it is due again at once and the attempt does not count.
    Released,
}

/// Messages on their way out.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OutboxRepository: Send + Sync {
    /// Claims due messages, the longest due first, for the time of a lease.
    ///
    /// MUST NOT return a message that is claimed by another whose lease has not run out, nor one
    /// that is finished. MUST count the attempt. A message whose lease ran out is due.
    async fn claim_due(
        &self,
        limit: NonZeroU32,
        lease: Duration,
    ) -> Result<Vec<ClaimedMessage>, RepositoryError>;

    /// Records how an attempt ended.
    ///
    /// MUST return `false` and change nothing where the message is no longer claimed with this
    /// token. A claim whose lease ran out holds until another takes the message over.
    async fn complete(
        &self,
        id: NotificationId,
        claim: ClaimToken,
        completion: Completion,
    ) -> Result<bool, RepositoryError>;
}
