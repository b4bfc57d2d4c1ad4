//! Counts the segments of a text message and cuts it to two.
//!
//! A message whose characters are all in the GSM 7 bit default alphabet (3GPP TS 23.038, section
//! 6.2.1) has 160 septets in a single segment, or 153 in each of several. Characters of the
//! extension table count twice. Any other message is encoded in UCS-2: 70 units of 16 bits in a
//! single segment, or 67 in each of several.

use unicode_segmentation::UnicodeSegmentation as _;

/// Maximum number of segments in a message.
const MOST_SEGMENTS: usize = 2;

/// Basic character table, without the escape to the extension table.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Extension table: each of its characters is encoded as an escape and a septet.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Encoding of a message, in which its length is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Gsm7,
    Ucs2,
}

impl Alphabet {
    /// Returns the cheapest alphabet that contains every character of the text.
    fn of(text: &str) -> Self {
        let is_gsm = |c| BASIC.contains(c) || EXTENSION.contains(c);
        if text.chars().all(is_gsm) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Capacity of a message with a single segment, in units.
    const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Capacity of each segment of a longer message, in units. Its header takes up the rest.
    const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    const fn ellipsis(self) -> &'static str {
        match self {
            Self::Gsm7 => "...",
            Self::Ucs2 => "…",
        }
    }

    /// Returns the number of units that a character of this alphabet takes.
    fn cost(self, character: char) -> usize {
        match self {
            Self::Gsm7 if EXTENSION.contains(character) => 2,
            Self::Gsm7 => 1,
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// Layout of characters in the segments of a long message. No character is split across two
/// segments.
#[derive(Debug, Clone, Copy)]
struct Layout {
    alphabet: Alphabet,
    segments: usize,
    used: usize,
}

impl Layout {
    fn new(alphabet: Alphabet) -> Self {
        Self { alphabet, segments: 1, used: 0 }
    }

    #[must_use]
    fn with(mut self, text: &str) -> Self {
        for character in text.chars() {
            let cost = self.alphabet.cost(character);
            if self.used + cost > self.alphabet.joined() {
                self.segments += 1;
                self.used = 0;
            }
            self.used += cost;
        }
        self
    }

    fn fits(self) -> bool {
        self.segments <= MOST_SEGMENTS
    }
}

/// Counts the segments of a message.
fn count(text: &str) -> usize {
    let alphabet = Alphabet::of(text);
    let units: usize = text.chars().map(|character| alphabet.cost(character)).sum();
    if units <= alphabet.alone() { 1 } else { Layout::new(alphabet).with(text).segments }
}

/// Joins both texts in at most two segments. If they need more, the head is cut and ends with an
/// ellipsis.
///
/// The cut is made after a whole user-perceived character (an extended grapheme cluster), unless
/// not even the first one fits. A tail that leaves no room for an ellipsis is cut as well.
pub(crate) fn fit(head: &str, tail: &str) -> String {
    if let Some((head, tail)) = in_gsm(head).zip(in_gsm(tail)) {
        return fit_as_it_is(&head, &tail);
    }
    fit_as_it_is(head, tail)
}

/// Replaces typographic characters by their plain equivalents, since a single one of them would
/// switch the whole message to the costlier UCS-2. Returns `None` if other characters are outside
/// the GSM alphabet.
fn in_gsm(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' | 'ʼ' => plain.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => plain.push('"'),
            '‹' => plain.push('<'),
            '›' => plain.push('>'),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '•' | '·' => plain.push('*'),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => plain.push(' '),
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            other => plain.push(other),
        }
    }
    (Alphabet::of(&plain) == Alphabet::Gsm7).then_some(plain)
}

fn fit_as_it_is(head: &str, tail: &str) -> String {
    let whole = format!("{head}{tail}");
    if count(&whole) <= MOST_SEGMENTS {
        return whole;
    }
    let alphabet = Alphabet::of(&whole);
    let rest = format!("{}{tail}", alphabet.ellipsis());
    if !Layout::new(alphabet).with(&rest).fits() {
        return fit_as_it_is(&whole, "");
    }
    let mut end = longest_fitting(alphabet, head.graphemes(true), &rest);
    if end == 0 {
        let characters = head.char_indices().map(|(at, c)| &head[at..at + c.len_utf8()]);
        end = longest_fitting(alphabet, characters, &rest);
    }
    format!("{}{rest}", head[..end].trim_end())
}

/// Returns the length in bytes of the longest run of pieces that leaves room for the rest.
fn longest_fitting<'a>(
    alphabet: Alphabet,
    pieces: impl Iterator<Item = &'a str>,
    rest: &str,
) -> usize {
    let (mut layout, mut end) = (Layout::new(alphabet), 0);
    for piece in pieces {
        layout = layout.with(piece);
        if !layout.with(rest).fits() {
            break;
        }
        end += piece.len();
    }
    end
}

#[cfg(test)]
mod tests;
