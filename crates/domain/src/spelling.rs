//! Suggestions for misspelled names.

/// Maximum number of wrong, missing, extra or swapped letters.
const MOST_SLIPS: usize = 2;

/// Maximum length of a name that is compared, in bytes.
const LONGEST: usize = 64;

/// Returns the known name that was probably meant, or `None` if none is similar.
///
/// Case, `_` and `-` are ignored. The name with the fewest typos wins. More than two are too many.
///
/// ```
/// use engage_domain::text::nearest_name;
///
/// let known = ["message", "isInternal", "statusChange"];
/// assert_eq!(nearest_name("is_internal", known), Some("isInternal"));
/// assert_eq!(nearest_name("mesage", known), Some("message"));
/// assert_eq!(nearest_name("colour", known), None);
/// ```
pub fn nearest_name<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = letters(given)?;
    let slips = |name: &&'a str| {
        let name = self::letters(name)?;
        let slips = strsim::damerau_levenshtein(&letters, &name);
        // A name that shares no letter with a short one is not a typo of it.
        (slips <= MOST_SLIPS && slips < name.chars().count()).then_some(slips)
    };
    let candidates = known.into_iter().filter_map(|name| Some((slips(&name)?, name)));
    candidates.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

/// Returns the lower-case letters of a name without separators, or `None` if the name is too long.
fn letters(name: &str) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let counts = |letter: &char| *letter != '_' && *letter != '-';
    Some(name.chars().filter(counts).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = ["q", "to", "from", "status", "customerEmail", "createdFrom"];

    #[test]
    fn case_and_separators_are_ignored() {
        for given in ["customer_email", "CUSTOMER-EMAIL", "CustomerEmail", "customeremail"] {
            assert_eq!(nearest_name(given, KNOWN), Some("customerEmail"), "{given}");
        }
    }

    #[test]
    fn two_typos_are_corrected_and_three_are_not() {
        for (given, meant) in [
            ("satus", Some("status")),
            ("sttaus", Some("status")),
            ("form", Some("from")),
            ("customersEmails", Some("customerEmail")),
            ("createdForm", Some("createdFrom")),
            ("custmrEmai", None),
            ("subject", None),
            ("", None),
        ] {
            assert_eq!(nearest_name(given, KNOWN), meant, "{given}");
        }
    }

    #[test]
    fn the_nearest_of_several_names_is_suggested() {
        assert_eq!(nearest_name("case_id", ["cased", "caseId"]), Some("caseId"));
    }

    #[test]
    fn a_short_name_is_not_suggested_without_a_common_letter() {
        for given in ["x", "id", "abc"] {
            assert_eq!(nearest_name(given, KNOWN), None, "{given}");
        }
        assert_eq!(nearest_name("ot", KNOWN), Some("to"));
    }

    #[test]
    fn a_name_that_is_too_long_gets_no_suggestion() {
        assert_eq!(nearest_name(&"a".repeat(65), ["a"]), None);
    }
}
