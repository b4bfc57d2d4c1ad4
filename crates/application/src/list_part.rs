//! Parts of lists. One row more than requested tells whether the list goes on.

use std::num::NonZeroU32;

/// Returns the number of rows to read for a part of at most `limit` rows.
pub(crate) fn one_more(limit: NonZeroU32) -> NonZeroU32 {
    limit.saturating_add(1)
}

/// Removes the row beyond the part. Returns whether there was one.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: NonZeroU32) -> bool {
    let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    has_more
}
