use std::num::NonZeroU32;

use engage_domain::{Update, Version};

/// The place of an entry in its case's conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpdateCursor {
    /// The version that the case has since the event that brought the entry.
    pub sequence: Version,
    /// Its place among the entries of that event, from 0.
    pub position: u32,
}

/// Which page of a conversation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdatesWanted {
    /// Only entries before this place; the newest there are, where it is left out.
    pub before: Option<UpdateCursor>,
    /// How many entries at most.
    pub limit: NonZeroU32,
}

impl UpdatesWanted {
    /// Entries of a page, unless it is asked for with another limit: 50.
    pub const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);

    /// The newest entry alone, for who wants to know of the case only.
    pub const LATEST: Self = Self { before: None, limit: NonZeroU32::MIN };
}

/// A page of a case's conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdatePage {
    /// The entries, oldest first.
    pub entries: Vec<Update>,
    /// Where the page ends towards the past; nothing where no entry is older.
    pub older: Option<UpdateCursor>,
}

impl UpdatePage {
    /// The page that was asked for, of its entries and, where there is an older one, that besides; the
    /// newest first.
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
