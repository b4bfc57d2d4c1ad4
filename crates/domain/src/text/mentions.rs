//! Erasure of what a text says of a person.

use super::ERASED;

/// Replaces the places of a text that mention something by [`ERASED`], regardless of the case of ASCII
/// letters. Returns `None` if there are none.
///
/// A place counts if no letter, digit or other character of an address is directly beside it, so that
/// the address of somebody else that ends alike stays.
///
/// ```
/// use engage_domain::text::without_mention;
///
/// let notes = "Ask ANN@x.example, not joann@x.example.";
/// let without = without_mention(notes, "ann@x.example");
/// assert_eq!(without.as_deref(), Some("Ask [erased], not joann@x.example."));
/// assert_eq!(without_mention("Ask Ben.", "ann@x.example"), None);
/// ```
pub fn without_mention(text: &str, mentioned: &str) -> Option<String> {
    if mentioned.is_empty() {
        return None;
    }
    // Lower-case ASCII letters are as long as the others, so the places are the same.
    let (lower, wanted) = (text.to_ascii_lowercase(), mentioned.to_ascii_lowercase());
    let (mut without, mut rest) = (String::new(), 0);
    for (place, _) in lower.match_indices(&wanted) {
        let end = place + wanted.len();
        let is_inside =
            text[..place].chars().next_back().is_some_and(is_part) || goes_on(&text[end..]);
        if is_inside {
            continue;
        }
        without.push_str(&text[rest..place]);
        without.push_str(ERASED);
        rest = end;
    }
    if rest == 0 {
        return None;
    }
    without.push_str(&text[rest..]);
    Some(without)
}

/// Checks whether a name or an address goes on. A dot may also end a sentence.
fn goes_on(rest: &str) -> bool {
    let mut chars = rest.trim_start_matches('.').chars();
    chars.next().is_some_and(|c| c.is_alphanumeric() || c == '-')
}

/// Checks whether a character can precede others in a name or an address.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mention_is_replaced() {
        let text = "Ann Lee (ann lee) is not Joann Lee, nor Ann Leen.";
        let without = "[erased] ([erased]) is not Joann Lee, nor Ann Leen.";
        assert_eq!(without_mention(text, "Ann Lee").as_deref(), Some(without));
        assert_eq!(without_mention("Ann Lee", "Ann Lee").as_deref(), Some(ERASED));
    }

    #[test]
    fn a_longer_address_is_not_a_mention() {
        for text in [
            "j.ann@x.example",
            "j+ann@x.example",
            "ann@x.example-y",
            "ann@x.examples",
            "ann@x.example.org",
            "",
        ] {
            assert_eq!(without_mention(text, "ann@x.example"), None, "{text}");
        }
        assert_eq!(without_mention("anything", ""), None);
    }
}
