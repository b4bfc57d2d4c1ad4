//! Metadata of attached files.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::id::AttachmentId;
use crate::stored::FromStored;
use crate::text::Line;

/// A file attached to an update. Its content is stored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Attachment {
    /// Identifier of the file.
    pub id: AttachmentId,
    /// Suggested name for saving the file.
    pub filename: FileName,
    /// Content type declared by the sender. It is trusted for nothing but the header of the
    /// download.
    pub content_type: ContentType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub hash: ContentHash,
}

/// Error returned when a part of the metadata is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AttachmentError {
    /// Nothing is left of the name after unsafe parts are removed.
    #[error("must be a file name, such as report.pdf")]
    FileName,
    /// The content type is not of the form `type/subtype`.
    #[error("must be a media type such as image/png")]
    ContentType,
    /// The hash is not 64 hexadecimal digits.
    #[error("must be a SHA-256 in hexadecimal")]
    Hash,
}

/// A file name that is safe on every operating system: 1–200 characters.
///
/// Only the last component of a path is used. Characters that are reserved on any system become
/// `_`. So do control characters and characters that change the direction of text, which could make
/// `gnp.exe` look like `exe.png`. Dots and spaces at both ends are removed. A name that Windows
/// treats as a device, such as `NUL`, gets a leading `_`. A name that is too long is shortened
/// before its extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(Line<200>);

impl FileName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks whether Windows treats the name as a device, regardless of its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    match stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) {
        Some(port) => port.len() == 1 && port.starts_with(|c: char| c.is_ascii_digit()),
        None => matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL"),
    }
}

impl FromStr for FileName {
    type Err = AttachmentError;

    fn from_str(text: &str) -> Result<Self, AttachmentError> {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let safe: String = last.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect();
        let safe = safe.trim_matches(|c: char| c.is_whitespace() || c == '.');
        let mark = if is_device(safe) { "_" } else { "" };
        let name = shortened(format!("{mark}{safe}"));
        name.parse().map(Self).map_err(|_| AttachmentError::FileName)
    }
}

impl FromStored for FileName {
    fn from_stored(text: &str) -> Result<Self, AttachmentError> {
        Line::from_stored(text).map(Self).map_err(|_| AttachmentError::FileName)
    }
}

/// Maximum length of a name, in characters.
const LONGEST_NAME: usize = 200;

/// Returns the extension of a name with its dot, or an empty string if it is longer than 16
/// characters or there is none.
fn extension(name: &str) -> &str {
    let found = name.rfind('.').map_or("", |dot| &name[dot..]);
    if found.chars().count() <= 16 { found } else { "" }
}

fn shortened(name: String) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name;
    }
    let extension = extension(&name);
    let room = LONGEST_NAME - extension.chars().count();
    let kept: String = name.chars().take(room).collect();
    format!("{}{extension}", kept.trim_end_matches(|c: char| c.is_whitespace() || c == '.'))
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

crate::wire::try_from_text!(FileName);
crate::wire::serde_as_text!(stored FileName);

/// A media type without parameters, in lower case: `type/subtype` (RFC 6838, section 4.2), with at
/// most 127 characters on each side of the slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContentType(String);

impl ContentType {
    /// Returns the media type.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContentType {
    /// Returns `application/octet-stream`, the type for arbitrary bytes.
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

fn is_restricted_name(text: &str) -> bool {
    (1..=127).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

impl FromStr for ContentType {
    type Err = AttachmentError;

    fn from_str(text: &str) -> Result<Self, AttachmentError> {
        let essence = text.split(';').next().unwrap_or_default().trim();
        match essence.split_once('/') {
            Some((kind, subtype)) if is_restricted_name(kind) && is_restricted_name(subtype) => {
                Ok(Self(essence.to_ascii_lowercase()))
            }
            _ => Err(AttachmentError::ContentType),
        }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(ContentType);
crate::wire::serde_as_text!(ContentType);

/// SHA-256 of the content of a file, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Wraps a SHA-256 digest.
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Returns the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for ContentHash {
    type Err = AttachmentError;

    fn from_str(text: &str) -> Result<Self, AttachmentError> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(AttachmentError::Hash);
        }
        for (place, byte) in digest.iter_mut().enumerate() {
            let digits = &text[2 * place..2 * place + 2];
            // `from_str_radix` would also accept a sign.
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(AttachmentError::Hash);
            }
            *byte = u8::from_str_radix(digits, 16).map_err(|_| AttachmentError::Hash)?;
        }
        Ok(Self(digest))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

crate::wire::try_from_text!(ContentHash);
crate::wire::serde_as_text!(ContentHash);

/// Returns the total size of the files, in bytes.
pub(crate) fn total_size(files: &[Attachment]) -> u64 {
    files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_made_safe() {
        for (given, safe) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\a b.txt", "a b.txt"),
            ("a\r\nX: y.png", "a__X_ y.png"),
            ("photo\u{202e}gnp.exe", "photo_gnp.exe"),
            ("..hidden.", "hidden"),
            ("a.\u{a0}", "a"),
            ("con.txt", "_con.txt"),
            ("LPT1", "_LPT1"),
            ("COMET.txt", "COMET.txt"),
            ("\u{1f600}.png", "\u{1f600}.png"),
        ] {
            assert_eq!(given.parse::<FileName>().unwrap().as_str(), safe);
        }
    }

    #[test]
    fn a_name_without_safe_characters_is_refused() {
        for given in ["", "..", "a/", " . ", "\u{a0}..\u{a0}"] {
            assert_eq!(given.parse::<FileName>(), Err(AttachmentError::FileName), "{given}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let long = "ä".repeat(300);
        for (given, kept) in [
            (format!("{long}.pdf"), format!("{}.pdf", "ä".repeat(196))),
            (long.clone(), "ä".repeat(200)),
            (format!("{long}.tar.gz"), format!("{}.gz", "ä".repeat(197))),
            (format!("a.{long}"), format!("a.{}", "ä".repeat(198))),
            (format!("{}  .{long}", "b".repeat(198)), "b".repeat(198)),
        ] {
            let name: FileName = given.parse().unwrap();
            assert_eq!(name.as_str(), kept);
            // A shortened name is valid and does not change again.
            assert_eq!(name.as_str().parse(), Ok(name));
        }
    }

    #[test]
    fn a_content_type_loses_its_parameters_and_its_case() {
        let parsed: ContentType = "Text/HTML; charset=utf-8".parse().unwrap();
        assert_eq!(parsed.as_str(), "text/html");
        for given in ["", "text", "/html", "text/", "te xt/html", "text/ht\nml", "a/b/c"] {
            assert_eq!(
                given.parse::<ContentType>(),
                Err(AttachmentError::ContentType),
                "{given:?}"
            );
        }
    }

    #[test]
    fn a_hash_is_written_in_hexadecimal_and_read_back() {
        let hash = ContentHash::from_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert!(hash.to_string().starts_with("000102"));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for given in ["", "00", &"g".repeat(64), &"+0".repeat(32), &"\u{e9}".repeat(32)] {
            assert_eq!(given.parse::<ContentHash>(), Err(AttachmentError::Hash), "{given}");
        }
    }
}
