use async_trait::async_trait;

use crate::RepositoryError;

/// Sequences that case numbers are drawn from, one per year.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseNumbers: Send + Sync {
    /// Draws the next number of a year's sequence, starting at 1.
    ///
    /// MUST never return a number that a stored case has, nor one that was already returned to this
    /// process. MAY leave gaps. The sequence of one year MUST NOT affect those of other years.
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError>;
}
