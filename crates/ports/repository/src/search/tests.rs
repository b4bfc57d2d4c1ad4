//! Stored texts are found by the whole text, by any of their words and by what people type for
//! them.

use proptest::prelude::*;

use super::SearchQuery;
use super::stored::words_of;

/// Checks whether a query finds a text. The query must contain a word.
fn is_found(text: &str, search: &str) -> bool {
    let search: SearchQuery = search.parse().expect("a search with a word");
    search.expression().is_met_by(&words_of([text]))
}

fn has_word(text: &str) -> bool {
    text.parse::<SearchQuery>().is_ok()
}

/// Generates texts of all kinds of characters, including realistic ones.
fn texts() -> impl Strategy<Value = String> {
    let chunk = prop_oneof![
        "\\PC{1,12}",
        "[a-zA-Z]{1,12}",
        "[A-Z]{2,4}-[0-9]{1,4}(-[0-9]{1,5})?",
        "\\+?[0-9()/. -]{5,16}",
        "[a-z]{1,6}@[a-z]{1,6}\\.example",
        "[ก-ฮะาิีเแ่้]{1,12}",
        "[가-힣]{1,6}",
        "[ກ-ຮະ-ູ]{1,8}",
        "[က-အာ-့]{1,8}",
        "[ក-អា-ោ]{1,8}",
        "[一-龥ぁ-んァ-ヴ]{1,6}",
        "[א-ת\u{5b0}-\u{5bc}]{1,8}",
        "[ء-ي\u{64b}-\u{652}]{1,8}",
        "[ßẞςσΣıİłŁøæ\u{ad}\u{200b}\u{301}]{1,8}",
        "[\u{1f300}-\u{1f64f}]{1,3}",
    ];
    prop::collection::vec(chunk, 1..6)
        .prop_map(|chunks| chunks.join(" ").chars().take(200).collect())
}

proptest! {
    #[test]
    fn a_text_is_found_by_itself(text in texts()) {
        prop_assume!(has_word(&text));
        prop_assert!(is_found(&text, &text));
    }

    #[test]
    fn a_text_is_found_by_any_of_its_chunks(text in texts(), other in texts()) {
        let long = format!("{other}\n{text} {other}");
        for chunk in text.split_whitespace().filter(|chunk| has_word(chunk)) {
            prop_assert!(is_found(&long, chunk), "{chunk:?} in {long:?}");
        }
    }

    #[test]
    fn a_text_is_found_by_its_neighbouring_chunks(text in texts()) {
        let chunks: Vec<_> = text.split_whitespace().collect();
        for row in chunks.windows(2).map(|row| row.join(" ")).filter(|row| has_word(row)) {
            prop_assert!(is_found(&text, &row), "{row:?} in {text:?}");
        }
    }

    #[test]
    fn case_composition_and_invisible_characters_do_not_matter(text in texts(), at in any::<prop::sample::Index>()) {
        use unicode_normalization::UnicodeNormalization;
        prop_assume!(has_word(&text));
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        let (before, after) = text.split_at(places[at.index(places.len())]);
        // In capitals, the iota below a Greek letter becomes a letter. Marks that were added to the
        // letter stay with it only if the text is decomposed first (Unicode, section 3.13).
        let typed = [
            text.nfd().collect::<String>().to_uppercase(),
            text.to_lowercase(),
            text.nfd().collect(),
            text.nfc().collect(),
            format!("{before}\u{ad}{after}"),
            format!("{before}\u{200b}{after}"),
        ];
        for typed in typed.iter().filter(|typed| typed.chars().count() <= 200) {
            prop_assert!(is_found(&text, typed), "{typed:?}");
            prop_assert!(is_found(typed, &text), "by {typed:?}");
        }
    }

    #[test]
    fn words_contain_no_character_at_which_stores_split(text in texts()) {
        for word in words_of([text.as_str()]) {
            let is_whole = |c: char| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit();
            prop_assert!(!word.is_empty() && word.len() <= 64 && word.chars().all(is_whole), "{word:?}");
        }
    }
}

#[test]
fn texts_are_found_by_what_people_type_for_them() {
    for (text, typed) in [
        (
            "Order ORD-2024-0042 missing",
            &["ORD-2024-0042", "ord20240042", "2024-0042", "ORD-2024"][..],
        ),
        (
            "CVE-2021-44228, RTX-4090; ISO-9001 (PO-1234-56) AB-1234 JIRA-1234 W-2023",
            &[
                "CVE-2021-44228",
                "RTX-4090",
                "ISO-9001",
                "PO-1234-56",
                "AB-1234",
                "jira-1234",
                "W-2023",
            ],
        ),
        ("KB5034441", &["KB-5034441"]),
        ("KB-5034441", &["kb5034441"]),
        ("duplicate of CW-2026-001", &["CW-2026-001", "cw-2026-", "cw2026001"]),
        ("ลูกค้าไม่สามารถเข้าสู่ระบบได้", &["เข้าสู่ระบบ", "ลูกค้า", "ระบบ", "ไม่ สามารถ", "ด"]),
        ("ລູກຄ້າບໍ່ສາມາດເຂົ້າສູ່ລະບົບ", &["ລະບົບ", "ລູກຄ້າ"]),
        ("អតិថិជនមិនអាចចូលប្រព័ន្ធ", &["ប្រព័ន្ធ", "មិនអាច"]),
        ("ဖောက်သည်ဝင်ရောက်၍မရပါ", &["ဝင်ရောက်", "မရပါ"]),
        ("결제오류가 발생", &["오류", "류", "결제 오류", "발생"]),
        ("결제 오류", &["결제오류", "제"]),
        ("請求書の再発行", &["再発行", "請求書", "行"]),
        ("ガイド", &["ｶﾞｲﾄﾞ", "ガ"]),
        ("שָׁלוֹם עוֹלָם", &["שלום"]),
        ("שלום", &["שָׁלוֹם"]),
        ("مُحَمَّد", &["محمد", "مـحمد"]),
        ("صه\u{200c}ای", &["صهای"]),
        ("pass\u{ad}word", &["password"]),
        ("zero\u{200b}width", &["zerowidth", "zero"]),
        ("Straße", &["STRASSE", "strasse", "straße", "STRAẞE"]),
        ("STRASSE", &["straße"]),
        ("ΚΕΡΔΟΣ", &["κέρδος", "κερδος"]),
        ("κέρδος", &["ΚΕΡΔΟΣ"]),
        ("Łódź Søren Đạt Ærø Yıldız", &["lodz", "soren", "dat", "aero", "yildiz", "YILDIZ"]),
        ("Works now 😀👍🏽", &["😀", "👍", "now😀"]),
        ("O\u{2019}Brien's e-mail", &["obrien", "O'Brien", "email", "e-mail"]),
        ("Call +49 (0)30 / 901 820-77 now", &["+493090182077", "03090182077", "90182077"]),
        ("Call 030 90182077", &["+49 30 90182077"]),
        ("٠٣٠ ٩٠١٨٢٠٧٧", &["030 90182077"]),
    ] {
        for typed in typed {
            assert!(is_found(text, typed), "{text:?} by {typed:?}");
        }
    }
    for (text, typed) in [
        ("ลูกค้าไม่สามารถเข้าสู่ระบบได้", "ระบาย"),
        ("결제오류", "결오"),
        ("Order ORD-2024-0042", "ORD-2024-0043"),
        ("Call +49 30 90182077", "+49 30 90182078"),
        ("strass", "straße"),
    ] {
        assert!(!is_found(text, typed), "{text:?} by {typed:?}");
    }
}
