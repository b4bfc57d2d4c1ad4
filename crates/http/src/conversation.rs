//! Pages of a case's conversation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::Version;
use engage_repository::{UpdateCursor, UpdatePage, UpdatesWanted};
use serde::Serialize;
use utoipa::ToSchema;

use crate::validation::Validation;

/// How many entries a page has, unless asked otherwise.
pub(crate) const PAGE: u32 = UpdatesWanted::PAGE.get();
/// How many entries a page has at most.
pub(crate) const LARGEST_PAGE: u32 = 100;

/// Changes where the meaning of a cursor does, so that one of an earlier release is refused rather
/// than misread.
const VERSION: u8 = 1;

/// Where a conversation goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationPagination {
    /// How many entries were asked for.
    #[schema(minimum = 1, maximum = 100, example = 50)]
    limit: u32,
    /// What to send as `cursor` for the entries before these; null where there are none.
    next_cursor: Option<String>,
}

impl ConversationPagination {
    pub(crate) fn new(wanted: &UpdatesWanted, page: &UpdatePage) -> Self {
        Self { limit: wanted.limit.get(), next_cursor: page.older.map(encode) }
    }
}

/// The place that an answer named before; the newest entries where none is named.
pub(crate) fn read_cursor(v: &mut Validation, given: Option<&str>) -> Option<UpdateCursor> {
    let given = given.map(str::trim).filter(|text| !text.is_empty())?;
    let place = decode(given);
    if place.is_none() {
        v.problem("cursor", "must be the nextCursor of an answer before, as it was given");
    }
    place
}

fn encode(UpdateCursor { sequence, position }: UpdateCursor) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(sequence.get().to_be_bytes());
    bytes.extend(position.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a cursor says; nothing where it is none of ours.
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
    fn what_is_no_cursor_of_ours_is_refused() {
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
