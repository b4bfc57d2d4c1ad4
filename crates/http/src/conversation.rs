//! Pagination of a case's conversation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::Version;
use engage_repository::{UpdateCursor, UpdatePage, UpdatesWanted};
use serde::Serialize;
use utoipa::ToSchema;

use crate::validation::Validation;

/// Default number of entries per page.
pub(crate) const PAGE: u32 = UpdatesWanted::PAGE.get();
/// Maximum number of entries per page.
pub(crate) const LARGEST_PAGE: u32 = 100;

/// Version of the cursor format. Increase it when the meaning of a cursor changes, so that a cursor
/// of an earlier release is rejected and not misread.
const VERSION: u8 = 1;

/// Position within the conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationPagination {
    /// Requested number of entries.
    #[schema(minimum = 1, maximum = 100, example = 50)]
    limit: u32,
    /// Value of `cursor` for the entries before these. It is null if there are none.
    next_cursor: Option<String>,
}

impl ConversationPagination {
    pub(crate) fn new(wanted: &UpdatesWanted, page: &UpdatePage) -> Self {
        Self { limit: wanted.limit.get(), next_cursor: page.older.map(encode) }
    }
}

/// Reads the cursor of an earlier response. Without one, the page starts at the newest entries.
pub(crate) fn read_cursor(v: &mut Validation, given: Option<&str>) -> Option<UpdateCursor> {
    let given = given.map(str::trim).filter(|text| !text.is_empty())?;
    let place = decode(given);
    if place.is_none() {
        v.problem("cursor", "must be the nextCursor of an earlier response, unchanged");
    }
    place
}

fn encode(UpdateCursor { sequence, position }: UpdateCursor) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(sequence.get().to_be_bytes());
    bytes.extend(position.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor. Returns `None` if this program did not issue it.
fn decode(text: &str) -> Option<UpdateCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let ([VERSION], rest) = bytes.split_first_chunk()? else { return None };
    let (sequence, rest) = rest.split_first_chunk()?;
    let (position, []) = rest.split_first_chunk()? else { return None };
    Some(UpdateCursor {
        sequence: Version::new(u32::from_be_bytes(*sequence))?,
        position: u32::from_be_bytes(*position),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        for (sequence, position) in [(1, 0), (2, 1), (10_001, 0), (u32::MAX, u32::MAX)] {
            let place = UpdateCursor { sequence: Version::new(sequence).unwrap(), position };
            assert_eq!(decode(&encode(place)), Some(place));
        }
    }

    #[test]
    fn a_cursor_that_was_given_out_earlier_is_still_read() {
        let place = UpdateCursor { sequence: Version::new(42).unwrap(), position: 1 };
        assert_eq!(decode("AQAAACoAAAAB"), Some(place));
    }

    #[test]
    fn a_foreign_cursor_is_rejected() {
        for text in
            ["", "0", "AQAAACoAAAA", "AQAAACoAAAABAA", "AgAAACoAAAAB", "AQAAAAAAAAAA", "%", "ÄÖÜ"]
        {
            assert_eq!(decode(text), None, "{text}");
            let mut v = Validation::default();
            assert_eq!(read_cursor(&mut v, Some(text)), None);
            assert_eq!(v.finish(Some(())).is_err(), !text.is_empty(), "{text}");
        }
    }
}
