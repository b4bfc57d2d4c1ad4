//! Replies of a mail server.

/// Maximum length of a reply in octets. This is far more than any server sends (RFC 5321, section
/// 4.5.3.1.5, limits lines to 512).
pub(super) const LONGEST_REPLY: usize = 64 * 1024;

/// Number of characters of a reply's text shown to staff.
const SHOWN: usize = 200;

/// A reply (RFC 5321, section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Three digits, the first of which is from 2 to 5.
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Parses a reply from the start of the received data.
    ///
    /// Returns the reply with its length in octets, or `None` if it is incomplete. Some servers use
    /// encodings other than UTF-8, and some end lines without the carriage return. Neither prevents
    /// parsing.
    pub(super) fn parse(received: &[u8]) -> Result<Option<(Self, usize)>, Garbled> {
        let (mut lines, mut length) = (Vec::new(), 0);
        for line in received.split_inclusive(|&byte| byte == b'\n') {
            let Some(content) = line.strip_suffix(b"\n") else { break };
            length += line.len();
            let content = content.strip_suffix(b"\r").unwrap_or(content);
            let (digits, rest) = content.split_at_checked(3).ok_or(Garbled)?;
            let code = code(digits)?;
            let (is_last, text) = match rest {
                [] => (true, rest),
                [b' ', text @ ..] => (true, text),
                [b'-', text @ ..] => (false, text),
                _ => return Err(Garbled),
            };
            lines.push(String::from_utf8_lossy(text).into_owned());
            if is_last {
                return Ok(Some((Self { code, lines }, length)));
            }
        }
        if received.len() > LONGEST_REPLY { Err(Garbled) } else { Ok(None) }
    }

    /// Returns the first digit of the code.
    pub(super) fn class(&self) -> u16 {
        self.code / 100
    }

    /// Clears the text if it contains one of these secrets.
    pub(super) fn without(mut self, secrets: &[&str]) -> Self {
        let text = self.lines.join("\n");
        if secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret)) {
            self.lines.clear();
        }
        self
    }

    /// Formats the code and the text as a single printable line.
    pub(super) fn shown(&self) -> String {
        let text = self.lines.join(" ");
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let text = words.join(" ");
        let cut = text.char_indices().nth(SHOWN).map_or(text.len(), |(place, _)| place);
        format!("{} {}", self.code, &text[..cut]).trim_end().to_owned()
    }
}

/// Second and third part of an enhanced code (RFC 3463), such as `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enhanced {
    pub(super) subject: u16,
    pub(super) detail: u16,
}

impl Enhanced {
    /// Parses the code at the start of a line. Some servers put it in brackets or after `#`.
    fn read(line: &str) -> Option<Self> {
        let line = line.trim_start_matches([' ', '#', '[', '(']);
        let end = line.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(line.len());
        let mut parts = line[..end].trim_end_matches('.').split('.');
        let mut number = || parts.next().filter(|part| part.len() <= 3)?.parse::<u16>().ok();
        let (class, subject, detail) = (number()?, number()?, number()?);
        (matches!(class, 4 | 5) && parts.next().is_none()).then_some(Self { subject, detail })
    }
}

impl Reply {
    /// Returns the enhanced code of a refusal.
    pub(super) fn enhanced(&self) -> Option<Enhanced> {
        self.lines.iter().find_map(|line| Enhanced::read(line))
    }

    /// Checks whether a refusal is temporary despite its code, as in the wording of providers'
    /// quotas.
    pub(super) fn asks_for_patience(&self) -> bool {
        self.lines.join(" ").to_ascii_lowercase().contains("try again later")
    }

    /// Returns the codes and the words without addresses, host names, IDs and other parts that
    /// differ between messages.
    pub(super) fn without_particulars(&self, to: &str) -> String {
        let local_part = to.rsplit_once('@').map_or(to, |(local_part, _)| local_part);
        let mut kept = self.code.to_string();
        if let Some(Enhanced { subject, detail }) = self.enhanced() {
            kept.extend([" X.", &subject.to_string(), ".", &detail.to_string()]);
        }
        for word in self.lines.iter().flat_map(|line| line.split_whitespace()) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"<>@".contains(c));
            let is_word = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
            if is_word && !word.is_empty() && !word.eq_ignore_ascii_case(local_part) {
                kept.push(' ');
                kept.push_str(word);
            }
        }
        let cut = kept.char_indices().nth(SHOWN).map_or(kept.len(), |(place, _)| place);
        kept.truncate(cut);
        kept
    }
}

/// Error returned when the data is not a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Garbled;

/// Parses a code. The second digit is not restricted, since servers use `571`, which RFC 5321 does
/// not define.
fn code(digits: &[u8]) -> Result<u16, Garbled> {
    match digits {
        [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
            Ok(digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
        }
        _ => Err(Garbled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &[u8]) -> (Reply, usize) {
        Reply::parse(text).unwrap().unwrap()
    }

    #[test]
    fn a_reply_ends_with_its_last_line() {
        let (reply, length) = parsed(b"250-mail.example\r\n250-AUTH PLAIN\r\n250 HELP\r\n354 Go");
        assert_eq!((reply.code, length), (250, 44));
        assert_eq!(reply.lines, ["mail.example", "AUTH PLAIN", "HELP"]);
        for unfinished in ["", "2", "250 ok", "250-a\r\n", "250-a\r\n250 b\r"] {
            assert_eq!(Reply::parse(unfinished.as_bytes()), Ok(None), "{unfinished:?}");
        }
    }

    #[test]
    fn a_code_is_parsed_with_any_text() {
        assert_eq!(parsed(b"250\r\n").0.shown(), "250");
        assert_eq!(parsed(b"571 5.7.1 Not allowed\n").0.shown(), "571 5.7.1 Not allowed");
        let latin = parsed(b"550 Empf\xe4nger unbekannt\r\n").0;
        assert_eq!(latin.shown(), "550 Empf\u{fffd}nger unbekannt");
    }

    #[test]
    fn invalid_replies_are_rejected() {
        for text in ["HTTP/1.1 400 Bad Request\r\n", "\r\n", "25\r\n", "250x\r\n", "150 a\r\n"] {
            assert_eq!(Reply::parse(text.as_bytes()), Err(Garbled), "{text:?}");
        }
        let endless = vec![b'2'; LONGEST_REPLY + 1];
        assert_eq!(Reply::parse(&endless), Err(Garbled));
    }

    #[test]
    fn a_reply_is_shown_in_one_line_of_at_most_200_characters_of_text() {
        let (reply, _) = parsed(b"550-5.1.1 Nobody \t of\x1b[31m\r\n550  that name\r\n");
        assert_eq!(reply.shown(), "550 5.1.1 Nobody of [31m that name");
        let long = Reply { code: 451, lines: vec!["\u{e9}".repeat(300)] };
        assert_eq!(long.shown(), format!("451 {}", "\u{e9}".repeat(200)));
    }

    #[test]
    fn a_text_that_repeats_a_secret_is_cleared() {
        let (reply, _) = parsed(b"501-What is\r\n501 AHUAcA==?\r\n");
        assert_eq!(reply.clone().without(&["", "other"]).shown(), "501 What is AHUAcA==?");
        assert_eq!(reply.without(&["AHUAcA=="]).shown(), "501");
    }

    #[test]
    fn an_enhanced_code_is_found_in_all_common_positions() {
        let found = |text: &str| parsed(format!("{text}\r\n").as_bytes()).0.enhanced();
        let code = |subject, detail| Some(Enhanced { subject, detail });
        for text in
            ["550 5.1.1 Nobody", "550 5.1.1", "550 #5.1.1 Nobody", "550 [5.1.1] x", "550 5.1.1: x"]
        {
            assert_eq!(found(text), code(1, 1), "{text}");
        }
        assert_eq!(found("554 5.2.252 SendAsDenied"), code(2, 252));
        assert_eq!(found("550-Sorry\r\n550 5.7.1 no"), code(7, 1));
        for text in [
            "550",
            "550 No",
            "550 5.1 no",
            "550 2.1.5 ok",
            "550 192.0.2.1 is blocked",
            "550 5.1.1.1 x",
            "550 5.1.1000 x",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn equivalent_refusals_of_two_recipients_match_without_particulars() {
        let words = |text: &str, to: &str| {
            parsed(format!("{text}\r\n").as_bytes()).0.without_particulars(to)
        };
        for (one, other) in [
            (
                "554 5.7.1 <a@x.example>: Relay access denied",
                "554 5.7.1 <b@y.example>: Relay access denied",
            ),
            ("550 john unknown here", "550 jane unknown here"),
            ("550 rejected (id 4bX9-77)", "550 rejected (id 9cc1-02)"),
            (
                "550-Denied by mx1.example\r\n550 for a@x.example.",
                "550-Denied by mx2.example\r\n550 for b@x.example.",
            ),
            ("550 Emp\u{e9} 12:01", "550 Emp\u{e9} 12:02"),
        ] {
            assert_eq!(words(one, "john@x.example"), words(other, "Jane@x.example"), "{one}");
        }
        let [one, other] =
            ["550 Sender denied", "550 Client denied"].map(|text| words(text, "a@x"));
        assert_ne!(one, other);
    }
}
