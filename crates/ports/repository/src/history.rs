use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{CaseNumber, Version};

use crate::{EventOrigin, RepositoryError};

/// The place of an event among those of all cases, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct EventPosition(pub u64);

/// An event at its place among those of all cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// The place.
    pub position: EventPosition,
    /// The event with the case as it left it, as text.
    pub snapshot: String,
}

/// What happened, to be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EventHistory: Send + Sync {
    /// Lists what happened to a case after the event that led to a version, or from the beginning:
    /// the snapshots of the events.
    ///
    /// MUST return `None` where no case has the number. MUST return the events in the order in which
    /// they happened, no more than `limit`, and none out of turn.
    async fn list_case_events(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError>;

    /// Lists by what and from where the changes of a case were asked for, each by the version that it led
    /// to: those of the same events.
    ///
    /// MUST return `None` where no case has the number. MUST tell no address of what was erased.
    async fn list_event_origins(
        &self,
        number: &CaseNumber,
        after: Option<Version>,
        limit: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError>;

    /// Lists what happened to all cases after a place.
    ///
    /// MUST give every event one place, which never changes, and return events in the order of their
    /// places. MUST return those whose commit had ended before the call, up to `limit`. MUST NOT give
    /// an event a place before one that was ever returned, whoever asked, so that who goes on from
    /// the last place they saw misses nothing. MUST give the events of one case places in the order
    /// in which they happened.
    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError>;

    /// The last place that an event has whose commit had ended before the call.
    async fn last_position(&self) -> Result<EventPosition, RepositoryError>;
}
