use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{CaseId, CaseNumber, NotificationId};

use crate::{OutboxMessage, RepositoryError};

/// Counts how often the proofs of ownership of a case were made void: one that was made in an earlier
/// generation is worth nothing any more. A new case is in generation 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessGeneration(pub u32);

/// A one-time code that a customer is to get.
///
/// The code itself is kept nowhere: it is made from the id of the message that brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessCode {
    /// The case that it is for.
    pub case: CaseId,
    /// The message that brings it.
    pub message: OutboxMessage,
    /// How often a case may get one.
    pub limit: CodeLimit,
    /// For how long it can be redeemed: the message is not sent after that.
    pub valid_for: Duration,
}

/// How often codes are made for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimit {
    /// How many.
    pub most: u32,
    /// In how long a time, from the first of them.
    pub within: Duration,
    /// How long after one there is no other.
    pub apart: Duration,
}

/// What customers prove their ownership of cases with.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccessRepository: Send + Sync {
    /// Begins another generation of proofs for a case, and returns it.
    ///
    /// MUST return `None` where no case has the number. MUST leave everything else of the case as it
    /// is, its version too.
    async fn rotate_access(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<AccessGeneration>, RepositoryError>;

    /// Writes down a code and the message that brings it, in one commit. The message belongs to the
    /// case's first event, whose other messages it does not wait for.
    ///
    /// MUST return `false` and write down nothing where the limit forbids it, or there is no such
    /// case of a customer with the message's address. A code that a case had before MUST NOT be found any more, nor count tries.
    async fn add_code(&self, code: NewAccessCode) -> Result<bool, RepositoryError>;

    /// Counts a try of a case's code, and returns which one that is.
    ///
    /// MUST return `None` where there is none, it is older than `valid_for`, was redeemed, or was
    /// tried `most_tries` times before. MUST count each of several tries at once.
    async fn try_code(
        &self,
        case: CaseId,
        valid_for: Duration,
        most_tries: u32,
    ) -> Result<Option<NotificationId>, RepositoryError>;

    /// Ends a code and begins another generation of proofs, in one commit; returns the generation.
    ///
    /// MUST return `None` and change nothing where the code was redeemed, or the case has another.
    async fn redeem_code(
        &self,
        case: CaseId,
        code: NotificationId,
    ) -> Result<Option<AccessGeneration>, RepositoryError>;
}
