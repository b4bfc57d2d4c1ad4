use std::convert::Infallible;
use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::{CaseNumber, Version};
use engage_notifier::Snapshot;
use engage_repository::{EventHistory, EventOrigin, EventPosition, FeedEvent, RepositoryError};
use thiserror::Error;

use crate::CaseError;
use crate::list_part::{cut, one_more};

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPart<T, P> {
    /// Events in order.
    pub events: Vec<T>,
    /// Position after which the next page starts.
    pub last: P,
    /// True if there are more events already.
    pub has_more: bool,
}

/// Reads the history of cases.
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc};
/// use engage_application::ReadHistory;
/// use engage_domain::Status;
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened, cancelled, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// let opened = an_opened(1);
/// for decision in [opened.clone(), cancelled(&opened.case, monday())] {
///     store.commit(a_change_set(decision, Vec::new())).await?;
/// }
/// let history = ReadHistory::new(store);
/// let (number, limit) = (a_case_number(1), NonZeroU32::MIN);
/// let first = history.of_case(&number, None, limit).await?;
/// assert!(first.has_more);
/// let second = history.of_case(&number, first.last, limit).await?;
/// assert_eq!(second.events[0].data.case.case_details.status, Status::Cancelled);
/// assert!(!second.has_more);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReadHistory {
    history: Arc<dyn EventHistory>,
}

impl ReadHistory {
    /// Creates the use case.
    pub fn new(history: Arc<dyn EventHistory>) -> Self {
        Self { history }
    }

    /// Returns the events of a case after a version, or from the beginning.
    ///
    /// Fails with [`CaseError::NotFound`] if there is no such case.
    pub async fn of_case(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<HistoryPart<Snapshot, Option<Version>>, CaseError<Infallible>> {
        let found = self.history.list_case_events(number, after, one_more(limit)).await?;
        let texts = found.ok_or_else(|| CaseError::NotFound(number.clone()))?;
        let first = after.map_or(1, |version| version.get().saturating_add(1));
        let mut events = (first..)
            .zip(&texts)
            .map(|(sequence, text)| read(text, || format!("event {sequence} of case {number}")))
            .collect::<Result<_, _>>()?;
        let has_more = cut(&mut events, limit);
        let last = events.last().map(|event| event.data.event.sequence).or(after);
        Ok(HistoryPart { events, last, has_more })
    }

    /// Returns the origins of the changes of a case after a version: credential, address and
    /// request id.
    pub async fn origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Vec<(Version, EventOrigin)>, CaseError<Infallible>> {
        let found = self.history.list_event_origins(number, after, limit).await?;
        found.ok_or_else(|| CaseError::NotFound(number.clone()))
    }

    /// Returns the events of all cases after a position of the feed.
    pub async fn of_all(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<HistoryPart<(EventPosition, Snapshot), EventPosition>, RepositoryError> {
        let mut feed = self.history.list_events(after, one_more(limit)).await?;
        let has_more = cut(&mut feed, limit);
        let last = feed.last().map_or(after, |event| event.position);
        let events = feed.into_iter().map(|FeedEvent { position, snapshot }| {
            let snapshot = read(&snapshot, || format!("the event at position {}", position.0))?;
            Ok((position, snapshot))
        });
        Ok(HistoryPart { events: events.collect::<Result<_, RepositoryError>>()?, last, has_more })
    }

    /// Returns the position of the last event.
    pub async fn end(&self) -> Result<EventPosition, RepositoryError> {
        self.history.last_position().await
    }
}

/// A stored event that cannot be parsed. The message omits its content, which must not be logged.
#[derive(Debug, Error)]
#[error("{event} cannot be parsed at column {column}")]
struct Unreadable {
    event: String,
    column: usize,
}

fn read(text: &str, event: impl FnOnce() -> String) -> Result<Snapshot, RepositoryError> {
    serde_json::from_str(text).map_err(|cause: serde_json::Error| {
        RepositoryError::internal(Unreadable { event: event(), column: cause.column() })
    })
}
