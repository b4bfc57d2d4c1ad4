use async_trait::async_trait;

use crate::RepositoryError;

/// Sequences that case numbers are drawn from, one per year.
///
/// ```
/// use engage_repository::{CaseNumbers, CaseRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// store.commit(a_change_set(an_opened(41), Vec::new())).await?;
/// let drawn = store.draw(2025).await?;
/// assert!(drawn > 41);
/// assert!(store.draw(2025).await? > drawn);
/// assert_eq!(store.draw(2026).await?, 1);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseNumbers: Send + Sync {
    /// Draws the next number of a year's sequence, starting at 1.
    ///
    /// MUST never return a number that a stored case has, nor one that was already returned to this
    /// process. MAY leave gaps. The sequence of one year MUST NOT affect those of other years.
    async fn draw(&self, year: i16) -> Result<u64, RepositoryError>;
}
