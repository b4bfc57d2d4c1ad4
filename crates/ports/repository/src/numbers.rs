use async_trait::async_trait;

use crate::RepositoryError;

/// The sequences that case numbers are drawn from, one for each year.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseNumbers: Send + Sync {
    /// Draws the next place in a year's sequence, from 1.
    ///
    /// MUST never return a place that a stored case has, nor one that was returned before to this
    /// process; MAY leave gaps. The year MUST NOT matter to other years' sequences.
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError>;
}
