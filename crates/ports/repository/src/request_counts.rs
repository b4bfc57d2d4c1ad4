use async_trait::async_trait;

use crate::RepositoryError;

/// Pseudonym of a client whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counted(pub [u8; 16]);

/// Number of requests of one client against one quota within a minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestCount {
    /// Name of the quota.
    pub quota: String,
    /// Client that made the requests.
    pub who: Counted,
    /// Start of the minute, in seconds since 1970.
    pub minute: i64,
    /// Number of requests.
    pub count: u32,
}

/// Request counts shared by servers with the same limits.
///
/// ```
/// use engage_repository::{Counted, MockRequestCounts, RequestCount, RequestCounts};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const CLIENT: Counted = Counted([7; 16]);
///
/// // Another server has counted four requests of the client in this minute.
/// let mut counts = MockRequestCounts::new();
/// counts.expect_exchange().returning(|_, _| {
///     let (quota, minute) = ("creations".to_owned(), 28_966_200);
///     Ok(vec![RequestCount { quota, who: CLIENT, minute, count: 4 }])
/// });
/// let own = 3;
/// let others = counts.exchange(1, vec![("creations".to_owned(), CLIENT, own)]).await?;
/// let total: u32 = own + others.iter().map(|other| other.count).sum::<u32>();
/// assert_eq!(total, 7);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RequestCounts: Send + Sync {
    /// Adds the counts of a server since its last call, and returns the combined counts of all
    /// other servers for the current minute and the previous one.
    ///
    /// MUST leave out what the server itself counted. MUST add to existing counts. MAY leave out
    /// the smallest counts if there are very many.
    async fn exchange(
        &self,
        server: u128,
        counted: Vec<(String, Counted, u32)>,
    ) -> Result<Vec<RequestCount>, RepositoryError>;
}
