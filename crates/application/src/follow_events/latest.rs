//! In-memory buffer of the latest events.

use std::collections::VecDeque;

use engage_domain::{CaseNumber, EmailAddress};
use engage_notifier::Snapshot;
use engage_repository::EventPosition;

use super::followed_event::FollowedEvent;

/// Maximum number of buffered events.
const CAPACITY: usize = 128;

/// Maximum number of events returned at once.
const PART: usize = 50;

/// The latest events of the feed.
pub(super) enum Latest {
    /// The end of the feed has not been read yet.
    Unknown,
    /// All events after one position, up to another.
    Known { after: EventPosition, last: EventPosition, events: VecDeque<FollowedEvent> },
}

impl Latest {
    /// Starts an empty buffer at a position.
    pub(super) fn from(position: EventPosition) -> Self {
        Self::Known { after: position, last: position, events: VecDeque::new() }
    }

    /// Returns the next events after a position, or `None` if the buffer no longer or not yet
    /// covers it.
    pub(super) fn after(&self, position: EventPosition) -> Option<Vec<FollowedEvent>> {
        let Self::Known { after, events, .. } = self else { return None };
        if position < *after {
            return None;
        }
        let first = events.partition_point(|event| event.0 <= position);
        Some(events.range(first..).take(PART).cloned().collect())
    }

    /// Appends new events and drops the oldest above the limit.
    pub(super) fn add(&mut self, new: Vec<(EventPosition, Snapshot)>) {
        let Self::Known { after, last, events } = self else { return };
        for event in new {
            if event.1.data.case.customer_info.email == Some(EmailAddress::erased()) {
                erase(events, &event.1.data.case.case_number);
            }
            *last = event.0;
            events.push_back(event.into());
        }
        while events.len() > CAPACITY {
            *after = events.pop_front().map_or(*after, |event| event.0);
        }
    }

    /// Returns the position of the last event, if it is known.
    pub(super) fn last(&self) -> Option<EventPosition> {
        match self {
            Self::Unknown => None,
            Self::Known { last, .. } => Some(*last),
        }
    }
}

/// Erases the personal data of a case from the buffer, as the database does.
fn erase(events: &mut VecDeque<FollowedEvent>, number: &CaseNumber) {
    for event in events {
        if event.1.data.case.case_number == *number {
            *event = (event.0, event.1.clone().erased()).into();
        }
    }
}
