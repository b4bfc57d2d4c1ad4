//! Cursors of the case list, encoded as opaque text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_application::ListCursor;
use engage_repository::{CasePosition, CaseSort, ListSize, SortOrder};

/// Version of the cursor format. Increase it when the meaning of a cursor changes, so that a cursor
/// of an earlier release is rejected and not misread.
const VERSION: u8 = 1;

/// Returns the index of a value.
fn code<T: PartialEq>(all: &[T], value: &T) -> u8 {
    (0..).zip(all).find(|(_, known)| *known == value).map_or(u8::MAX, |(code, _)| code)
}

pub(super) fn encode(cursor: &ListCursor) -> String {
    let ListCursor { sort, order, size, position } = cursor;
    let mut bytes = vec![
        VERSION,
        code(CaseSort::ALL, sort),
        code(SortOrder::ALL, order),
        code(ListSize::ALL, size),
    ];
    bytes.extend(position.value.to_be_bytes());
    bytes.extend(position.number.to_string().into_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor. Returns `None` if this program did not issue it.
pub(super) fn decode(text: &str) -> Option<ListCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let ([VERSION, sort, order, size], rest) = bytes.split_first_chunk()? else { return None };
    let (value, number) = rest.split_first_chunk()?;
    Some(ListCursor {
        sort: *CaseSort::ALL.get(usize::from(*sort))?,
        order: *SortOrder::ALL.get(usize::from(*order))?,
        size: *ListSize::ALL.get(usize::from(*size))?,
        position: CasePosition {
            value: i64::from_be_bytes(*value),
            number: std::str::from_utf8(number).ok()?.parse().ok()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        for &sort in CaseSort::ALL {
            for &order in SortOrder::ALL {
                for &size in ListSize::ALL {
                    for value in [i64::MIN, -1, 0, 1_769_000_000_000] {
                        let number = "CW-2026-042".parse().unwrap();
                        let position = CasePosition { value, number };
                        let cursor = ListCursor { sort, order, size, position };
                        assert_eq!(decode(&encode(&cursor)), Some(cursor));
                    }
                }
            }
        }
    }

    #[test]
    fn a_cursor_that_was_given_out_earlier_is_still_read() {
        let position = CasePosition { value: 1, number: "CW-2026-042".parse().unwrap() };
        let (sort, order, size) = (CaseSort::Relevance, SortOrder::Descending, ListSize::Medium);
        let cursor = ListCursor { sort, order, size, position };
        assert_eq!(decode("AQcBAQAAAAAAAAABQ1ctMjAyNi0wNDI"), Some(cursor));
    }

    #[test]
    fn a_foreign_cursor_is_rejected() {
        let position = CasePosition { value: 1, number: "CW-2026-042".parse().unwrap() };
        let (sort, order, size) = (CaseSort::Status, SortOrder::Ascending, ListSize::Small);
        let text = encode(&ListCursor { sort, order, size, position });
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for end in 0..text.len() {
            // A prefix of a case number is valid down to three digits of its sequence.
            assert_eq!(decode(&text[..end]), None, "{end}");
        }
        for place in 0..4 {
            let mut changed = bytes.clone();
            changed[place] = 9;
            assert_eq!(decode(&URL_SAFE_NO_PAD.encode(changed)), None, "{place}");
        }
        for text in ["", "%", "AAAA", "CW-2026-042", "0", "ÄÖÜ"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
