//! Stored form of a digest, which lists the cases that a notification covers.

use engage_domain::CaseNumber;
use engage_domain::case::CaseNumberError;

/// Encodes case numbers as a sorted, comma-separated list without duplicates.
#[must_use]
pub fn digest_text(mut cases: Vec<CaseNumber>) -> String {
    cases.sort();
    cases.dedup();
    let cases: Vec<_> = cases.iter().map(CaseNumber::to_string).collect();
    cases.join(",")
}

/// Decodes the case numbers of a stored digest. Fails if one of them is not a case number because
/// something other than Engage modified the table.
pub fn digest_cases(text: &str) -> Result<Vec<CaseNumber>, CaseNumberError> {
    text.split(',').filter(|number| !number.is_empty()).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_survives_a_round_trip() {
        let numbers = ["CW-2026-1000", "CW-2025-007", "CW-2026-010", "CW-2025-007"];
        let cases = numbers.map(|number| number.parse().unwrap()).to_vec();
        let text = digest_text(cases);
        assert_eq!(text, "CW-2025-007,CW-2026-010,CW-2026-1000");
        assert_eq!(digest_text(digest_cases(&text).unwrap()), text);
        assert_eq!(digest_cases(&digest_text(Vec::new())), Ok(Vec::new()));
    }

    #[test]
    fn a_malformed_digest_is_rejected() {
        for text in ["CW-2026-001,12", "CW-2026-001;CW-2026-002", " ", "CW-2026-001,\u{663}"] {
            assert!(digest_cases(text).is_err(), "{text:?}");
        }
    }
}
