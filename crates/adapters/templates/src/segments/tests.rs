use proptest::prelude::*;

use super::*;

#[test]
fn the_tables_have_as_many_characters_as_the_standard() {
    assert_eq!(BASIC.chars().count(), 127);
    assert_eq!(EXTENSION.chars().count(), 10);
}

#[test]
fn segments_have_the_lengths_of_the_standard() {
    for (character, most) in [
        ("a", [160, 306]),
        ("\n", [160, 306]),
        // An escape and its septet always share a segment, so 76 of them fill one.
        ("€", [80, 152]),
        ("ł", [70, 134]),
        ("\u{1f600}", [35, 66]),
    ] {
        for (segments, most) in (1..).zip(most) {
            assert_eq!(count(&character.repeat(most)), segments, "{most} x {character}");
            assert_eq!(count(&character.repeat(most + 1)), segments + 1, "{most} x {character}");
        }
    }
    assert_eq!(count(""), 1);
}

#[test]
fn a_text_of_two_segments_is_unchanged() {
    for text in ["a".repeat(306), "ł".repeat(134), String::new()] {
        assert_eq!(fit(&text, ""), text);
    }
}

#[test]
fn a_longer_text_is_cut_and_ends_in_an_ellipsis_of_its_alphabet() {
    assert_eq!(fit(&"a".repeat(307), ""), format!("{}...", "a".repeat(303)));
    assert_eq!(fit(&"ł".repeat(135), ""), format!("{}…", "ł".repeat(133)));
    assert_eq!(fit(&"ab ".repeat(110), ""), format!("{}ab...", "ab ".repeat(100)));
}

#[test]
fn typographic_characters_do_not_make_a_text_longer() {
    for (text, plain) in [
        ("Acme’s Desk", "Acme's Desk"),
        ("“Help” – 24\u{a0}h…", "\"Help\" - 24 h..."),
        ("«Büro» Zürich", "\"Büro\" Zürich"),
        // Other characters need UCS-2 anyway, so replacing these would gain nothing.
        ("Łódź’s Desk", "Łódź’s Desk"),
        ("👩\u{200d}🚒’s", "👩\u{200d}🚒’s"),
    ] {
        assert_eq!(fit(text, ", CW-2026-001"), format!("{plain}, CW-2026-001"));
    }
    assert_eq!(count(&fit("Acme’s Desk", &"a".repeat(149))), 1);
}

#[test]
fn a_head_is_cut_to_make_room_for_its_tail() {
    assert_eq!(fit("Support", ": done"), "Support: done");
    assert_eq!(fit(&"a".repeat(301), ": done"), format!("{}...: done", "a".repeat(297)));
    assert_eq!(fit("a", &"b".repeat(400)), format!("a{}...", "b".repeat(302)));
}

#[test]
fn a_cut_leaves_emoji_of_several_characters_whole() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let cut = fit(&family.repeat(40), "");
    let whole = cut.strip_suffix('…').unwrap();
    assert!(!whole.is_empty() && whole.len().is_multiple_of(family.len()), "{cut}");
}

#[test]
fn a_single_character_with_too_many_marks_is_cut_among_them() {
    let cut = fit(&format!("a{}", "\u{301}".repeat(200)), "");
    assert_eq!(cut.chars().count(), 134);
    assert!(cut.starts_with("a\u{301}") && cut.ends_with('…'));
}

/// Texts around the limits, with characters that cost 1 and 2 units in both alphabets.
fn texts() -> impl Strategy<Value = String> {
    let characters = prop_oneof![
        proptest::sample::select(vec!["a", " ", "é", "€", "[", "\n"]),
        proptest::sample::select(vec!["a", "ł", "e\u{301}", "\u{1f600}", "\u{5e9}", "€"]),
    ];
    let gsm = proptest::sample::select(vec!["a", "€", "^", " ", "Ω"]);
    prop_oneof![
        proptest::collection::vec(characters, 0..400).prop_map(|parts| parts.concat()),
        proptest::collection::vec(gsm, 100..400).prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #[test]
    fn no_text_takes_more_than_two_segments(head in texts(), tail in texts()) {
        prop_assert!(count(&fit(&head, &tail)) <= MOST_SEGMENTS);
    }

    #[test]
    fn a_cut_text_is_a_prefix_of_the_original(text in texts()) {
        let cut = fit(&text, "");
        if cut != text {
            let ellipsis = Alphabet::of(&text).ellipsis();
            let kept = cut.strip_suffix(ellipsis).unwrap();
            prop_assert!(text.starts_with(kept));
            let splits_a_character = text[kept.len()..].starts_with('\u{301}');
            prop_assert!(!splits_a_character);
        }
    }

    #[test]
    fn a_cut_drops_no_more_than_necessary(text in texts()) {
        let cut = fit(&text, "");
        if cut != text {
            let ellipsis = Alphabet::of(&text).ellipsis();
            let kept = cut.strip_suffix(ellipsis).unwrap().len();
            // Spaces before the ellipsis are dropped too, so the next visible character follows
            // them.
            let blank = text[kept..].len() - text[kept..].trim_start().len();
            let next = text[kept + blank..].graphemes(true).next().map_or(0, str::len);
            let longer = &text[..kept + blank + next];
            let layout = Layout::new(Alphabet::of(&text)).with(longer).with(ellipsis);
            prop_assert!(!layout.fits());
        }
    }
}
