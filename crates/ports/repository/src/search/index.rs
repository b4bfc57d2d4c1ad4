use std::num::NonZeroU32;

use async_trait::async_trait;

use crate::RepositoryError;

/// Maintenance of the search index of a store.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use engage_repository::{MockSearchIndex, SearchIndex};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // After an upgrade of the program, 57 cases are indexed by an earlier version.
/// let mut left = [50, 7, 0].into_iter();
/// let mut index = MockSearchIndex::new();
/// index.expect_renew_words().returning(move |_| Ok(left.next().unwrap_or_default()));
///
/// let (batch, mut renewed) = (NonZeroU32::MIN.saturating_add(49), 0);
/// loop {
///     match index.renew_words(batch).await? {
///         0 => break,
///         count => renewed += count,
///     }
/// }
/// assert_eq!(renewed, 57);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Rebuilds the words of cases that were indexed by an earlier version of the program
    /// ([`SearchWords::VERSION`](super::SearchWords::VERSION)), newest first and at most `limit`.
    /// Returns the number of rebuilt cases.
    ///
    /// MUST lose no word of a change that is committed concurrently. MUST NOT block commits for
    /// longer than it takes to rebuild these cases. Several processes MAY call it concurrently, in
    /// which case each case is rebuilt by one of them.
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError>;
}
