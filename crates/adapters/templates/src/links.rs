//! Detection of URLs in text written by staff.

/// A piece of a line: a URL or plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    /// True if `text` is exactly one `http` or `https` URL.
    pub(crate) is_link: bool,
}

/// Checks whether a character always ends a URL.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "<>\"`{}|\\^".contains(c)
}

/// Splits a line into non-empty pieces. Concatenated, they give the line again.
pub(crate) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest, mut plain) = (Vec::new(), 0, 0);
    while let Some(start) = next_scheme(&line[rest..]).map(|at| rest + at) {
        let length = url_length(&line[start..]);
        rest = start + length.max(1);
        if length == 0 {
            continue;
        }
        if plain < start {
            pieces.push(Piece { text: &line[plain..start], is_link: false });
        }
        pieces.push(Piece { text: &line[start..start + length], is_link: true });
        plain = rest;
    }
    if plain < line.len() {
        pieces.push(Piece { text: &line[plain..], is_link: false });
    }
    pieces
}

/// Returns the offset of the first scheme.
fn next_scheme(text: &str) -> Option<usize> {
    let at = |(at, _): &(usize, char)| scheme_length(&text[*at..]).is_some();
    text.char_indices().find(at).map(|(at, _)| at)
}

fn scheme_length(text: &str) -> Option<usize> {
    ["https://", "http://"].into_iter().map(str::len).find(|&length| {
        text.split_at_checked(length).is_some_and(|(start, _)| {
            start.eq_ignore_ascii_case("https://") || start.eq_ignore_ascii_case("http://")
        })
    })
}

/// Returns the length of the URL at the start of the text, or 0 if it has no host. Trailing
/// punctuation and an unmatched closing bracket belong to the sentence, not to the URL.
fn url_length(text: &str) -> usize {
    let mut url = &text[..text.find(ends_url).unwrap_or(text.len())];
    while let Some(last) = url.chars().next_back() {
        let is_closing = |open: char, close: char| {
            last == close && url.matches(open).count() < url.matches(close).count()
        };
        let is_punctuation = ".,;:!?\'*_~…。、，；：！？»”’".contains(last);
        if !(is_punctuation || is_closing('(', ')') || is_closing('[', ']')) {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    let scheme = scheme_length(text).unwrap_or(0);
    let host = url.get(scheme..).unwrap_or_default();
    let has_host = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    if has_host { url.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(line: &str) -> Vec<&str> {
        pieces(line).into_iter().filter(|piece| piece.is_link).map(|piece| piece.text).collect()
    }

    #[test]
    fn urls_are_found_and_what_belongs_to_the_sentence_is_left() {
        for (line, expected) in [
            ("See https://example.com/a?b=c#d.", vec!["https://example.com/a?b=c#d"]),
            ("(https://en.example/wiki/A_(b))", vec!["https://en.example/wiki/A_(b)"]),
            (
                "HTTP://EXAMPLE.com, or http://[::1]:80/x!",
                vec!["HTTP://EXAMPLE.com", "http://[::1]:80/x"],
            ),
            (
                "<https://a.example>\"https://b.example\"",
                vec!["https://a.example", "https://b.example"],
            ),
            ("https://münchen.example/größe", vec!["https://münchen.example/größe"]),
            ("javascript:alert(1) data:text/html,x ftp://a.example", vec![]),
            ("https:// https://. http:///x https://?", vec![]),
            ("no link", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(links(line), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn pieces_in_a_row_are_the_line(line in "(https?://|[a-z.()<>\"' é\u{1f600}]|HTTP://)*") {
            let pieces = pieces(&line);
            prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
            let all: String = pieces.iter().map(|piece| piece.text).collect();
            prop_assert_eq!(&all, &line);
            for piece in pieces.iter().filter(|piece| piece.is_link) {
                let lower = piece.text.to_ascii_lowercase();
                prop_assert!(lower.starts_with("http://") || lower.starts_with("https://"));
                prop_assert!(!piece.text.contains(['<', '>', '"', ' ']));
            }
        }
    }
}
