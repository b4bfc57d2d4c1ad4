//! Responses of other servers, without personal data, for the log.

/// Minimum number of digits of a telephone number.
const LEAST_DIGITS: usize = 7;

/// Removes e-mail addresses and telephone numbers from the text of a mail server or an SMS service.
/// They identify people, and the log outlives their erasure.
pub(super) fn for_the_log(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(is_between).unwrap_or(rest.len());
        shown.push_str(masked(&rest[..word]));
        let gap = rest[word..].find(|c| !is_between(c)).map_or(rest.len(), |length| word + length);
        shown.push_str(&rest[word..gap]);
        rest = &rest[gap..];
    }
    shown
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || "<>()[]{}\"',;:|".contains(c)
}

fn masked(word: &str) -> &str {
    let is_address = word.contains('@') || word.to_ascii_lowercase().contains("%40");
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_number = word.chars().all(|c| c.is_ascii_digit() || "+-./".contains(c));
    if is_address {
        "(an address)"
    } else if is_number && digits >= LEAST_DIGITS {
        "(a number)"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_left_out_and_all_else_stays() {
        for (said, shown) in [
            ("550 5.1.1 <ann@example.com>: no such user", "550 5.1.1 <(an address)>: no such user"),
            ("rcpt=ann+x@example.com,ben@x.example", "(an address),(an address)"),
            ("bounce+ann=example.com@mx.example failed", "(an address) failed"),
            ("see https://mx.example/?who=ann%40example.com", "see https:(an address)"),
            ("The 'To' number +15550123456 is invalid", "The 'To' number (a number) is invalid"),
            (
                "451 4.7.1 try in 300 seconds (id 4bXy12)",
                "451 4.7.1 try in 300 seconds (id 4bXy12)",
            ),
            ("5.7.26", "5.7.26"),
            ("", ""),
            ("müller@straße.example ", "(an address) "),
        ] {
            assert_eq!(for_the_log(said), shown);
        }
    }
}
