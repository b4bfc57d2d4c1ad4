use async_trait::async_trait;
use engage_domain::CaseNumber;

use crate::RepositoryError;

/// Counts how often the proofs of ownership of a case were made void: one that was made in an earlier
/// generation is worth nothing any more. A new case is in generation 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessGeneration(pub u32);

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
}
