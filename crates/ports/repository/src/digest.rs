//! The text that stores keep of a digest: which cases a message tells of.

use engage_domain::{CaseNumber, CaseNumberError};

/// Returns case numbers as stores keep them: in order, each once, with commas between.
#[must_use]
pub fn digest_text(mut cases: Vec<CaseNumber>) -> String {
    cases.sort();
    cases.dedup();
    let cases: Vec<_> = cases.iter().map(CaseNumber::to_string).collect();
    cases.join(",")
}

/// Returns the case numbers of a stored digest. Fails if one of them is no case number: the table was
/// changed by something else.
pub fn digest_cases(text: &str) -> Result<Vec<CaseNumber>, CaseNumberError> {
    text.split(',').filter(|number| !number.is_empty()).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let numbers = ["CW-2026-1000", "CW-2025-007", "CW-2026-010", "CW-2025-007"];
        let cases = numbers.map(|number| number.parse().unwrap()).to_vec();
        let text = digest_text(cases);
        assert_eq!(text, "CW-2025-007,CW-2026-010,CW-2026-1000");
        assert_eq!(digest_text(digest_cases(&text).unwrap()), text);
        assert_eq!(digest_cases(&digest_text(Vec::new())), Ok(Vec::new()));
    }

    #[test]
    fn a_digest_with_anything_else_in_it_is_refused() {
        for text in ["CW-2026-001,12", "CW-2026-001;CW-2026-002", " ", "CW-2026-001,\u{663}"] {
            assert!(digest_cases(text).is_err(), "{text:?}");
        }
    }
}
