//! Splitting of texts into words, for both indexed texts and queries.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use super::folding::folded;

/// Maximum length of a word in bytes. Longer words are split, because stores limit the length of
/// indexed words.
const LONGEST: usize = 64;

/// Part of a chunk, which is a piece of text without white space.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words joined only by hyphens, apostrophes and similar characters, such as `ORD-2024-0042` or
    /// `O'Brien`. Usually a single word. Each word is split into pieces of at most 64 bytes.
    Words(Vec<Vec<String>>),
    /// Characters of a script that is written without spaces.
    Run(Vec<char>),
    /// An emoji or other symbol, which is a word on its own.
    Picture(char),
}

impl Piece {
    /// Returns the words without the characters between them, a form that is often searched for.
    /// Returns `None` if there is only one word or the result is too long.
    pub(super) fn joined(&self) -> Option<String> {
        let Self::Words(words) = self else { return None };
        let joined = words.concat().concat();
        (words.len() > 1 && joined.len() <= LONGEST).then_some(joined)
    }
}

/// Role of a character in splitting a text into words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Spaceless,
    Picture,
    /// Joins words that also count as one.
    Joiner,
    Separator,
}

/// Folds a chunk of text, which contains no white space, for comparison by searches.
pub(super) fn folded_chunk(chunk: &str) -> Cow<'_, str> {
    if !chunk.is_ascii() {
        Cow::Owned(folded(chunk).collect())
    } else if chunk.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(chunk.to_ascii_lowercase())
    } else {
        Cow::Borrowed(chunk)
    }
}

/// Splits a folded chunk into pieces.
pub(super) fn pieces(chunk: &str) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    chunk.chars().for_each(|c| pieces.take(c));
    pieces.finish()
}

/// Checks whether a character is matched together with its neighbours.
pub(super) fn is_in_run(c: char) -> bool {
    kind(c) == Kind::Spaceless
}

#[derive(Default)]
struct Pieces {
    done: Vec<Piece>,
    words: Vec<Vec<String>>,
    word: Vec<String>,
    run: Vec<char>,
    /// True if nothing but joiners has appeared since the last word.
    is_joined: bool,
}

impl Pieces {
    fn take(&mut self, c: char) {
        let kind = kind(c);
        if kind != Kind::Word {
            self.end_word();
        }
        if kind != Kind::Spaceless {
            self.end_run();
        }
        match kind {
            Kind::Word => {
                if !self.is_joined && self.word.is_empty() {
                    self.end_words();
                }
                self.push(c);
            }
            Kind::Spaceless => {
                self.end_words();
                self.run.push(c);
            }
            Kind::Picture => {
                self.end_words();
                self.done.push(Piece::Picture(c));
            }
            Kind::Joiner => {}
            Kind::Separator => self.is_joined = false,
        }
    }

    fn push(&mut self, c: char) {
        match self.word.last_mut() {
            Some(part) if part.len() + c.len_utf8() <= LONGEST => part.push(c),
            _ => self.word.push(c.into()),
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
            self.is_joined = true;
        }
    }

    fn end_words(&mut self) {
        if !self.words.is_empty() {
            self.done.push(Piece::Words(std::mem::take(&mut self.words)));
        }
        self.is_joined = false;
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            self.done.push(Piece::Run(std::mem::take(&mut self.run)));
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.end_word();
        self.end_words();
        self.end_run();
        self.done
    }
}

fn kind(c: char) -> Kind {
    match c {
        '-' | '\'' | '_' | '`' => Kind::Joiner,
        _ if c.is_ascii() => {
            if c.is_ascii_alphanumeric() {
                Kind::Word
            } else {
                Kind::Separator
            }
        }
        _ if is_joiner(c) => Kind::Joiner,
        _ if is_picture(c) => Kind::Picture,
        _ if !(c.is_alphanumeric() || is_combining_mark(c)) => Kind::Separator,
        _ if is_spaceless(c) => Kind::Spaceless,
        _ => Kind::Word,
    }
}

/// Checks for hyphens, apostrophes, the marks of Hebrew abbreviations and the dot of Catalan `l·l`.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{58a}' | '\u{5be}' | '\u{5f3}' | '\u{5f4}'
        | '\u{2010}'..='\u{2015}' | '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2212}')
}

/// Checks whether a character belongs to a script without spaces between words: Thai, Lao, Burmese,
/// Khmer and related scripts, Han, kana, Bopomofo and Yi. Includes Hangul, whose compounds have
/// none.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19df}' | '\u{1a20}'..='\u{1aaf}'
        | '\u{1b00}'..='\u{1b7f}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{318f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{a000}'..='\u{a4cf}' | '\u{a960}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aadf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{11700}'..='\u{1174f}' | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{323af}')
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(chunk: &str) -> Vec<Piece> {
        pieces(&folded_chunk(chunk))
    }

    /// Formats the pieces compactly, with hyphens between the words of a piece and a run in
    /// brackets.
    fn short(text: &str) -> Vec<String> {
        let pieces = text.split_whitespace().flat_map(of);
        let short = pieces.map(|piece| match piece {
            Piece::Words(words) => {
                words.iter().map(|word| word.join("|")).collect::<Vec<_>>().join("-")
            }
            Piece::Run(run) => format!("[{}]", run.iter().collect::<String>()),
            Piece::Picture(c) => c.into(),
        });
        short.collect()
    }

    #[test]
    fn words_are_letters_and_digits_without_case_and_accents() {
        for (text, expected) in [
            ("Login fails, AGAIN!", vec!["login", "fails", "again"]),
            ("jane.doe+x@example.com", vec!["jane", "doe", "x", "example", "com"]),
            ("Ärger mit Ünïcode", vec!["arger", "mit", "unicode"]),
            ("A\u{308}rger", vec!["arger"]),
            ("ﬁnal ２０２６", vec!["final", "2026"]),
            ("請求書 PDF請求", vec!["[請求書]", "pdf", "[請求]"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("Κέρδος Ёлка", vec!["κερδοσ", "елка"]),
            ("😀x 🇩🇪", vec!["😀", "x", "🇩", "🇪"]),
            ("ลูกค้า 결제오류", vec!["[ลูกค้า]", "[결제오류]"]),
            (
                "ORD-2024-0042, O\u{2019}Brien's e\u{2011}mail",
                vec!["ord-2024-0042", "o-brien-s", "e-mail"],
            ),
            ("--a--b-- a.-b", vec!["a-b", "a", "b"]),
            (" -- \n", vec![]),
        ] {
            assert_eq!(short(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_word_is_split_into_pieces() {
        let long = short(&"é".repeat(150));
        assert_eq!(long, [format!("{0}|{0}|{1}", "e".repeat(64), "e".repeat(22))]);
        let long = short(&format!("a{}", "ж".repeat(40)));
        assert_eq!(long, [format!("a{}|{}", "ж".repeat(31), "ж".repeat(9))]);
    }

    #[test]
    fn hyphenated_words_also_form_one_word() {
        for (text, expected) in [
            ("ORD-2024-0042", Some("ord20240042")),
            ("don't", Some("dont")),
            ("login", None),
            ("請-求", None),
        ] {
            assert_eq!(of(text)[0].joined().as_deref(), expected, "{text}");
        }
        assert_eq!(of(&"ab-".repeat(40))[0].joined(), None);
    }
}
