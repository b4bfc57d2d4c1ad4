//! The end of the feed, in memory.

use std::collections::VecDeque;

use engage_domain::{CaseNumber, EmailAddress};
use engage_notifier::Snapshot;
use engage_repository::EventPosition;

use super::followed_event::FollowedEvent;

/// How many events are kept.
const KEPT: usize = 128;

/// How many are passed on at once.
const PART: usize = 50;

/// The latest events.
pub(super) enum Latest {
    /// Nobody has looked yet.
    Unknown,
    /// All events after a place up to another.
    Known { after: EventPosition, last: EventPosition, events: VecDeque<FollowedEvent> },
}

impl Latest {
    /// None yet, after this place.
    pub(super) fn from(place: EventPosition) -> Self {
        Self::Known { after: place, last: place, events: VecDeque::new() }
    }

    /// The next events after a place; `None` where they are not known any more, or not yet.
    pub(super) fn after(&self, place: EventPosition) -> Option<Vec<FollowedEvent>> {
        let Self::Known { after, events, .. } = self else { return None };
        if place < *after {
            return None;
        }
        let first = events.partition_point(|event| event.0 <= place);
        Some(events.range(first..).take(PART).cloned().collect())
    }

    /// Adds what comes next, and forgets what is too much.
    pub(super) fn add(&mut self, new: Vec<(EventPosition, Snapshot)>) {
        let Self::Known { after, last, events } = self else { return };
        for event in new {
            if event.1.data.case.customer_info.email == EmailAddress::erased() {
                erase(events, &event.1.data.case.case_number);
            }
            *last = event.0;
            events.push_back(event.into());
        }
        while events.len() > KEPT {
            *after = events.pop_front().map_or(*after, |event| event.0);
        }
    }

    /// The last place that is known of.
    pub(super) fn last(&self) -> Option<EventPosition> {
        match self {
            Self::Unknown => None,
            Self::Known { last, .. } => Some(*last),
        }
    }
}

/// Forgets whom a case was about, as the store does when the case is erased.
fn erase(events: &mut VecDeque<FollowedEvent>, number: &CaseNumber) {
    for event in events {
        if event.1.data.case.case_number == *number {
            *event = (event.0, event.1.clone().erased()).into();
        }
    }
}
