use std::num::NonZeroU32;

use engage_domain::{Participant, PersonId, Timestamp, Update, Version};

/// Position of an update in the conversation of its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpdateCursor {
    /// Version of the case after the event that added the update.
    pub sequence: Version,
    /// Position among the updates of that event, from 0.
    pub position: u32,
}

/// The public part of a conversation that a participant may read: their own entries, and everything
/// from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParticipantView {
    /// Id of the participant.
    pub person: PersonId,
    /// Time from which the participant may read.
    pub reads_from: Timestamp,
}

impl ParticipantView {
    /// Returns the view of a participant who may act.
    pub fn of(participant: &Participant) -> Self {
        Self { person: participant.id, reads_from: participant.reads_from }
    }
}

/// The requested page of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdatesWanted {
    /// Only updates before this position. The newest updates if absent.
    pub before: Option<UpdateCursor>,
    /// Maximum number of updates.
    pub limit: NonZeroU32,
    /// Participant whose view limits the public updates. Without one, all of them are wanted.
    pub view: Option<ParticipantView>,
}

impl UpdatesWanted {
    /// Default size of a page: 50 updates.
    pub const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

    /// The newest update only, for callers that need just the case.
    pub const LATEST: Self = Self { before: None, limit: NonZeroU32::MIN, view: None };
}

/// A page of the conversation of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdatePage {
    /// Updates on this page, oldest first.
    pub entries: Vec<Update>,
    /// Position of the oldest update on the page if there are older ones, otherwise `None`.
    pub older: Option<UpdateCursor>,
}

impl UpdatePage {
    /// Builds a page from updates in order, newest first. Expects one update more than the limit if
    /// older ones exist.
    pub fn from_newest(found: Vec<(UpdateCursor, Update)>, wanted: &UpdatesWanted) -> Self {
        let limit = usize::try_from(wanted.limit.get()).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        let mut older = None;
        let mut entries = Vec::with_capacity(found.len());
        for (place, update) in found.into_iter().take(limit) {
            older = has_more.then_some(place);
            entries.push(update);
        }
        entries.reverse();
        Self { entries, older }
    }
}
