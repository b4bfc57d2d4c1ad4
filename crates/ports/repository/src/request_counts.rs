use async_trait::async_trait;

use crate::RepositoryError;

/// A pseudonym of somebody whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counted(pub [u8; 16]);

/// How many requests of one quota somebody made in a minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestCount {
    /// The quota's name.
    pub quota: String,
    /// Whose requests they are.
    pub who: Counted,
    /// When the minute began, in seconds since 1970.
    pub minute: i64,
    /// How many there were.
    pub count: u32,
}

/// Counts of requests that servers with the same limits share.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RequestCounts: Send + Sync {
    /// Adds what a server counted since it was last here, and returns what the others counted in
    /// this minute and the one before, all of them together.
    ///
    /// MUST leave out what the server itself counted. MUST add to what is there. MAY leave out the
    /// smallest counts if there are very many.
    async fn exchange(
        &self,
        server: u128,
        counted: Vec<(String, Counted, u32)>,
    ) -> Result<Vec<RequestCount>, RepositoryError>;
}
