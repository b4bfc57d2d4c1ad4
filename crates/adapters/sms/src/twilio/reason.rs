//! Formats reasons of failures in a line for staff.

/// Maximum length of a reason in characters.
const LONGEST: usize = 200;

/// Formats another program's text as one line of at most 200 characters.
pub(super) fn one_line(text: &str) -> String {
    let is_shown = |c: &char| !c.is_control() || c.is_whitespace();
    let shown: String = text.chars().filter(is_shown).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST - 1).collect();
    cut.push('\u{2026}');
    cut
}

/// Formats an error code of Twilio with its message.
///
/// Twilio's messages repeat the recipient's number in several spellings, so every digit in them is
/// masked. The code remains, by which the message can be looked up
/// (<https://www.twilio.com/docs/api/errors>).
pub(super) fn of_code(code: u32, said: &str) -> String {
    let masked: String = said.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect();
    let said = one_line(&masked);
    if said.is_empty() {
        format!("Twilio's error {code}")
    } else {
        one_line(&format!("Twilio's error {code}: {said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_line_without_control_characters() {
        assert_eq!(one_line(" a\r\n\tb\u{0}\u{1b}[31mc\u{2028}d\u{85}e "), "a b[31mc d e");
    }

    #[test]
    fn a_reason_has_at_most_200_characters() {
        let fits = "\u{e9}".repeat(200);
        assert_eq!(one_line(&fits), fits);
        let cut = one_line(&"\u{e9}".repeat(201));
        assert_eq!(cut.chars().count(), 200);
        assert!(cut.ends_with("\u{e9}\u{2026}"));
        assert_eq!(of_code(21211, &"word ".repeat(100)).chars().count(), 200);
    }

    #[test]
    fn every_digit_of_a_number_is_masked_in_any_spelling() {
        for number in ["+15005550001", "(500) 555-0001", "%2B15005550001", "\u{661}\u{662}\u{663}"]
        {
            let said = format!("The 'To' number {number} is not a valid phone number.");
            let reason = of_code(21211, &said);
            let rest = reason.strip_prefix("Twilio's error 21211: ").unwrap();
            assert!(!rest.chars().any(char::is_numeric), "{reason}");
            assert!(rest.ends_with("is not a valid phone number."), "{reason}");
        }
    }

    #[test]
    fn a_code_without_a_message_is_shown_alone() {
        assert_eq!(of_code(30008, " \n"), "Twilio's error 30008");
    }
}
