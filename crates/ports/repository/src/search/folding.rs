//! Folding of characters that searches treat as equal.

use unicode_normalization::UnicodeNormalization;

/// Zero digit of each script with digits of its own. The other nine digits follow it.
const ZEROS: [u32; 35] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
];

/// Folds a text for comparison by searches.
///
/// Removes case (`ß` becomes `ss`, a final sigma a sigma), accents, Hebrew and Arabic vowel marks,
/// invisible characters and skin tones. Replaces letters that few keyboards have by plain letters,
/// and the digits of all scripts by ASCII digits. Composes sequences into single characters if
/// these exist, for example Hangul syllables.
pub(super) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|c| !is_dropped(*c)).flat_map(fold).filter(|c| !is_dropped(*c)).nfc()
}

fn fold(c: char) -> impl Iterator<Item = char> {
    let folded: Fold = match plain(c) {
        Some(letters) => Fold::Plain(letters.chars()),
        None => Fold::Cased(c),
    };
    folded.into_chars()
}

enum Fold {
    Plain(std::str::Chars<'static>),
    Cased(char),
}

impl Fold {
    fn into_chars(self) -> impl Iterator<Item = char> {
        let (letters, cased) = match self {
            Self::Plain(letters) => (Some(letters), None),
            Self::Cased(c) => (None, Some(c)),
        };
        // Goes through uppercase because some lowercase letters share one uppercase letter.
        // Lowercases first because the uppercase ß maps to itself.
        let cased = cased
            .into_iter()
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase);
        letters.into_iter().flatten().chain(cased)
    }
}

/// Returns the letters typed for a character that decomposition does not simplify.
fn plain(c: char) -> Option<&'static str> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let letters = match c {
        'Æ' | 'æ' => "ae",
        'Œ' | 'œ' => "oe",
        'Þ' | 'þ' => "th",
        'Ð' | 'ð' | 'Đ' | 'đ' | 'Ɗ' | 'ɗ' => "d",
        'Ł' | 'ł' => "l",
        'Ø' | 'ø' => "o",
        'Ħ' | 'ħ' => "h",
        'Ŧ' | 'ŧ' => "t",
        'Ŋ' | 'ŋ' => "n",
        'ĸ' | 'Ƙ' | 'ƙ' => "k",
        'Ɨ' | 'ɨ' => "i",
        'Ɓ' | 'ɓ' | 'Ƀ' | 'ƀ' => "b",
        'Ƴ' | 'ƴ' => "y",
        'Ƶ' | 'ƶ' => "z",
        'ȷ' => "j",
        // A subscript iota, which is written beside a capital letter.
        '\u{345}' => "ι",
        // Arabic letters that are used interchangeably, by habit or because of the keyboard.
        'ى' | 'ی' => "ي",
        'ة' => "ه",
        'ک' => "ك",
        'ٱ' => "ا",
        _ if c.is_ascii() || c < '\u{660}' => return None,
        _ => {
            let place =
                ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero).filter(|d| *d < 10));
            return place.and_then(|digit| DIGITS.get(digit as usize)).copied();
        }
    };
    Some(letters)
}

/// Checks for accents of Latin, Greek and Cyrillic letters, for Hebrew and Arabic vowel marks,
/// which few people write, and for invisible characters. In other scripts, combining marks are
/// vowels and are not dropped.
#[allow(clippy::match_same_arms)] // One arm per script.
fn is_dropped(c: char) -> bool {
    match c {
        '\0'..='\u{ac}' => false,
        // Soft hyphen and accents.
        '\u{ad}'
        | '\u{300}'..='\u{344}'
        | '\u{346}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => true,
        // Hebrew points and accents, except those that separate words.
        '\u{591}'..='\u{5bd}'
        | '\u{5bf}'
        | '\u{5c1}'
        | '\u{5c2}'
        | '\u{5c4}'
        | '\u{5c5}'
        | '\u{5c7}' => true,
        // Arabic vowel marks and the tatweel, which stretches a word. Syriac points.
        '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}'
        | '\u{6e8}'
        | '\u{6ea}'..='\u{6ed}'
        | '\u{711}'
        | '\u{730}'..='\u{74a}'
        | '\u{8ca}'..='\u{8ff}' => true,
        // Zero-width spaces and joiners, directional marks, fillers, variation selectors and tags,
        // which have no width or select a glyph. Skin tones.
        '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_people_use_interchangeably_are_equal() {
        for (text, expected) in [
            ("Straße STRASSE GROẞ", "strasse strasse gross"),
            ("ΚΕΡΔΟΣ κέρδος", "κερδοσ κερδοσ"),
            ("Łódź Søren Đat Yıldız İzmir Œuvre", "lodz soren dat yildiz izmir oeuvre"),
            ("Ærøskøbing Þór Eiríkur", "aeroskobing thor eirikur"),
            ("Ёлка й", "елка и"),
            ("שָׁלוֹם مُحَمَّد أحمد", "שלום محمد احمد"),
            ("مـــرحبا فارسی ک", "مرحبا فارسي ك"),
            ("ﬁnal ２０２６ ٢٠٢٦ ๒๐๒๖ २०२६", "final 2026 2026 2026 2026"),
            ("pass\u{ad}word zero\u{200b}width \u{2066}x\u{2069}", "password zerowidth x"),
            ("결제 カﾞ", "결제 ガ"),
            ("👍🏽 ❤\u{fe0f}", "👍 ❤"),
            ("हिन्दी ไทย", "हिन्दी ไทย"),
        ] {
            assert_eq!(folded(text).collect::<String>(), expected, "{text}");
        }
    }

    #[test]
    fn folding_is_idempotent() {
        for text in ["Straße", "ﷺ", "Ǆ ŉ ﬓ", "각 ㄱㅏ", "ᾳ ῼ", "\u{1e9e}\u{345}"] {
            let once: String = folded(text).collect();
            assert_eq!(folded(&once).collect::<String>(), once, "{text}");
        }
    }
}
