use super::*;

/// Formats an expression compactly, with `*` after a prefix and with `&` and `|` between parts in
/// parentheses.
fn short(expression: &SearchExpression) -> String {
    let list = |parts: &[SearchExpression], between: &str| {
        format!("({})", parts.iter().map(short).collect::<Vec<_>>().join(between))
    };
    match expression {
        SearchExpression::Term(SearchTerm { word, is_prefix }) => {
            format!("{word}{}", if *is_prefix { "*" } else { "" })
        }
        SearchExpression::All(parts) => list(parts, " & "),
        SearchExpression::Any(ways) => list(ways, " | "),
    }
}

fn read(text: &str) -> String {
    short(text.parse::<SearchQuery>().unwrap().expression())
}

#[test]
fn words_of_three_characters_or_more_match_as_prefixes() {
    assert_eq!(read("Re: Login  LOGIN"), "(re & login*)", "each part counts once");
}

#[test]
fn hyphenated_words_match_separately_or_joined() {
    for (text, expected) in [
        ("CW-2026-042", "((cw & 2026* & 042*) | cw2026042*)"),
        ("[cw-2026-],", "((cw & 2026*) | cw2026*)"),
        ("cw-20", "((cw & 20) | cw20)"),
        ("e\u{2011}mail", "((e & mail*) | email*)"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn scripts_without_spaces_match_by_pairs_of_neighbours() {
    assert_eq!(read("เข้า 오류 류 a류"), "((เข & ข้ & ้า) & 오류 & 류* & (a & 류*))");
}

#[test]
fn a_long_word_is_split_into_pieces() {
    let read = read(&format!("{}ab", "x".repeat(64)));
    assert_eq!(read, format!("({} & ab*)", "x".repeat(64)));
}

#[test]
fn consecutive_digits_match_as_words_or_as_a_phone_number() {
    assert_eq!(read("030 / 1234"), "((030* & 1234*) | \u{e050}432103*)");
    assert_eq!(read("12 34"), "(12 & 34)");
    let login = read("login 5551234 x");
    assert_eq!(login, "(login* & (5551234* | \u{e050}4321555* | \u{e050}432155) & x)");
}

#[test]
fn an_address_matches_by_its_words_or_as_a_whole() {
    let address = "\u{e051}a\u{e040}firm\u{e02e}example";
    assert_eq!(read("A@firm.example"), format!("((a & firm* & example*) | {address})"));
    let query: SearchQuery = "<A@firm.example>".parse().unwrap();
    let term = SearchTerm { word: address.to_owned(), is_prefix: false };
    assert_eq!(query.whole(), Some(&(SearchField::Customer, term)));
}

#[test]
fn a_single_word_may_be_a_complete_case_number() {
    let whole = |text: &str| {
        let query: SearchQuery = text.parse().unwrap();
        query.whole().map(|(place, term)| (*place, term.word.clone()))
    };
    let number = |word: &str| Some((SearchField::Number, word.to_owned()));
    assert_eq!(whole("cw-2026-1"), number("cw20261"));
    assert_eq!(whole("#42"), number("42"));
    assert_eq!(whole("cw-2026-1 login"), None);
    assert_eq!(whole("請求"), None);
}

#[test]
fn a_search_has_a_word_and_at_most_200_characters() {
    assert_eq!(" -- ".parse::<SearchQuery>(), Err(InvalidSearch::NoWord));
    assert_eq!("ä".repeat(201).parse::<SearchQuery>(), Err(InvalidSearch::TooLong));
    assert!("ä".repeat(200).parse::<SearchQuery>().is_ok());
    assert_eq!(read("😀"), "😀");
}

#[test]
fn staff_members_match_parts_of_the_query() {
    let ids: [StaffId; 3] = ["ann", "bob", "eve"].map(|id| id.parse().unwrap());
    let members = ids.iter().zip(["Ann Łukasz", "Bob Login", "Annika Login"]);
    let query: SearchQuery = "ann login".parse().unwrap();
    let query = query.with_members(members);
    let found: Vec<_> = query
        .assigned()
        .iter()
        .map(|found| {
            let members = found.members.iter().map(ToString::to_string).collect::<Vec<_>>();
            (members.join(" "), found.rest.as_ref().map(short))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("ann".to_owned(), Some("login*".to_owned())),
            ("bob".to_owned(), Some("ann*".to_owned())),
            ("eve".to_owned(), None),
        ]
    );
}
