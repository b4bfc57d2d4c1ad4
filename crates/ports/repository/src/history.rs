use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{CaseNumber, Version};

use crate::{EventOrigin, RepositoryError};

/// Position of an event in the feed of all cases, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct EventPosition(pub u64);

/// An event in the feed of all cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// Position in the feed.
    pub position: EventPosition,
    /// Snapshot of the event and of the case after it, as JSON.
    pub snapshot: String,
}

/// Read access to the events of cases.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use engage_repository::{CaseRepository, EventHistory, EventPosition};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// for sequence in 1..=2 {
///     store.commit(a_change_set(an_opened(sequence), Vec::new())).await?;
/// }
/// // A reader continues after the last position that it has seen.
/// let first = store.list_events(EventPosition::default(), NonZeroU32::MIN).await?;
/// let second = store.list_events(first[0].position, NonZeroU32::MIN).await?;
/// assert!(second[0].snapshot.contains("CW-2025-002"));
/// assert_eq!(second[0].position, store.last_position().await?);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EventHistory: Send + Sync {
    /// Lists the snapshots of the events of a case, after the event that led to a version or from
    /// the beginning.
    ///
    /// MUST return `None` if no case has the number. MUST return the events in the order in which
    /// they happened, at most `limit` and without skipping any.
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError>;

    /// Lists the origins of the same events, each with the version that its event led to.
    ///
    /// MUST return `None` if no case has the number. MUST reveal no address and no state of
    /// the trace of an erased event.
    async fn list_event_origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError>;

    /// Lists the events of all cases after a position.
    ///
    /// MUST give every event one position that never changes, and return events in the order of
    /// their positions. MUST return the events whose commit ended before the call, up to `limit`.
    /// MUST NOT give an event a position before one that was ever returned to any caller, so that a
    /// reader that continues from the last position it saw misses nothing. MUST give the events of
    /// one case positions in the order in which they happened.
    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError>;

    /// Returns the position of the last event whose commit ended before the call.
    async fn last_position(&self) -> Result<EventPosition, RepositoryError>;
}
