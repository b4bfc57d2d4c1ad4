//! The `.eml` files that the server writes, parsed as a mail client would.

use std::path::Path;

#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// The headers in order, unfolded.
    pub(crate) headers: Vec<(String, String)>,
    /// The decoded text, with `\n` as line ending.
    pub(crate) text: String,
    /// The decoded HTML, with `\n` as line ending.
    pub(crate) html: String,
    /// The raw file.
    pub(crate) bytes: Vec<u8>,
    pub(crate) file_name: String,
}

impl Mail {
    pub(crate) fn all_in(folder: &Path) -> Vec<Self> {
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let paths = files.map(|file| file.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        let mut mails: Vec<Self> = paths.map(|path| Self::read(&path)).collect();
        // IDs begin with the time, so this sorts by the order in which notifications were planned.
        mails.sort_by(|a, b| a.file_name.cmp(&b.file_name));
        mails
    }

    fn read(path: &Path) -> Self {
        let file_name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        Self::parse(std::fs::read(path).unwrap(), file_name)
    }

    /// Parses an e-mail with a text and an HTML part.
    pub(crate) fn parse(bytes: Vec<u8>, file_name: String) -> Self {
        let source = String::from_utf8(bytes.clone()).unwrap();
        let (headers, body) = entity(&source);
        let mut mail = Self { headers, text: String::new(), html: String::new(), bytes, file_name };
        let content_type = mail.header("Content-Type").to_owned();
        assert!(content_type.starts_with("multipart/alternative"), "{content_type}");
        let boundary = content_type.split("boundary=").nth(1).expect("a boundary");
        let delimiter = format!("--{}", boundary.trim_matches('"'));
        for part in body.split(&delimiter).skip(1).filter(|part| !part.starts_with("--")) {
            let (headers, body) = entity(part.strip_prefix("\r\n").expect("a separate line"));
            let body = body.strip_suffix("\r\n").expect("a separate line");
            let decoded = decode(value_of(&headers, "Content-Transfer-Encoding"), body);
            let kind = value_of(&headers, "Content-Type");
            let body_part = if kind.starts_with("text/plain") {
                &mut mail.text
            } else {
                assert!(kind.starts_with("text/html"), "{kind}");
                &mut mail.html
            };
            assert!(body_part.is_empty(), "two parts of {kind}");
            *body_part = decoded;
        }
        mail
    }

    /// Returns the only header with this name, as it is written.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        let value = values.next().unwrap_or_else(|| panic!("no {name} in {self:#?}"));
        assert!(values.next().is_none(), "two of {name} in {self:#?}");
        &value.1
    }

    pub(crate) fn to(&self) -> &str {
        self.header("To")
    }

    /// Returns the decoded subject.
    pub(crate) fn subject(&self) -> String {
        decode_words(self.header("Subject"))
    }

    pub(crate) fn number(&self) -> &str {
        self.header("X-Case-Number")
    }
}

/// Splits an entity into its unfolded headers and its body.
fn entity(source: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = source.split_once("\r\n\r\n").expect("a head and a body");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    let headers = unfolded.split("\r\n").map(|line| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_owned(), value.trim().to_owned())
    });
    (headers.collect(), body)
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn decode(encoding: &str, body: &str) -> String {
    let decoded = match encoding.to_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(decoded).unwrap().replace("\r\n", "\n")
}

/// Decodes encoded words (RFC 2047). White space between two of them is not part of the text.
fn decode_words(text: &str) -> String {
    let (mut bytes, mut rest, mut after_word) = (Vec::new(), text, false);
    while let Some((before, tail)) = rest.split_once("=?") {
        let word = encoded_word(tail);
        if !(after_word && word.is_some() && before.trim().is_empty()) {
            bytes.extend_from_slice(before.as_bytes());
        }
        after_word = word.is_some();
        rest = if let Some((decoded, after)) = word {
            bytes.extend(decoded);
            after
        } else {
            bytes.extend_from_slice(b"=?");
            tail
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap()
}

/// Decodes an encoded word without its `=?`. Returns its bytes and the rest of the text.
fn encoded_word(tail: &str) -> Option<(Vec<u8>, &str)> {
    let mut parts = tail.splitn(4, '?');
    let (charset, encoding, content) = (parts.next()?, parts.next()?, parts.next()?);
    let after = parts.next()?.strip_prefix('=')?;
    if !charset.eq_ignore_ascii_case("utf-8") || content.contains(' ') {
        return None;
    }
    let decoded = match encoding {
        "b" | "B" => base64(content),
        "q" | "Q" => quoted_printable(&content.replace('_', " ")),
        _ => return None,
    };
    Some((decoded, after))
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte).expect("base64");
        bits = (bits << 6 | u32::try_from(digit).unwrap()) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'=' {
            let digits = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

#[test]
fn emails_are_decoded_as_mail_clients_do() {
    assert_eq!(base64("SGVsbG8="), b"Hello");
    assert_eq!(quoted_printable("=C3=A9="[..6].trim()), "\u{e9}".as_bytes());
    assert_eq!(decode_words("[A] =?utf-8?b?w6k=?= =?utf-8?q?_x?= y"), "[A] \u{e9} x y");
}
