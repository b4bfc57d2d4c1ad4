//! Names that are misspelt.

/// How many letters may be wrong, missing, superfluous or swapped.
const MOST_SLIPS: usize = 2;

/// The longest name that a known one is looked for, in bytes.
const LONGEST: usize = 64;

/// Returns the known name that was probably meant: the one with the same letters, whatever their
/// case and the `_` and `-` between them, else the one that the fewest slips lead to, two at most.
///
/// ```
/// use engage_domain::nearest_name;
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
        // What shares no letter with a short name is not a slip of it.
        (slips <= MOST_SLIPS && slips < name.chars().count()).then_some(slips)
    };
    let candidates = known.into_iter().filter_map(|name| Some((slips(&name)?, name)));
    candidates.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

/// The letters of a name without what spellings differ in; nothing where it is too long for one.
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
    fn a_name_is_found_whatever_its_case_and_what_stands_between_its_words() {
        for given in ["customer_email", "CUSTOMER-EMAIL", "CustomerEmail", "customeremail"] {
            assert_eq!(nearest_name(given, KNOWN), Some("customerEmail"), "{given}");
        }
    }

    #[test]
    fn two_slips_are_seen_through_and_three_are_not() {
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
    fn the_nearest_of_several_is_meant() {
        assert_eq!(nearest_name("case_id", ["cased", "caseId"]), Some("caseId"));
    }

    #[test]
    fn a_short_name_is_not_meant_by_others_that_share_nothing_with_it() {
        for given in ["x", "id", "abc"] {
            assert_eq!(nearest_name(given, KNOWN), None, "{given}");
        }
        assert_eq!(nearest_name("ot", KNOWN), Some("to"));
    }

    #[test]
    fn a_name_longer_than_any_is_compared_with_none() {
        assert_eq!(nearest_name(&"a".repeat(65), ["a"]), None);
    }
}
