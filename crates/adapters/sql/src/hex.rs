//! Bytes in rows that PostgreSQL reads as JSON.

use std::fmt::Write;

use serde::Serializer;

/// Serializes bytes as PostgreSQL reads them from text: `\x` and hexadecimal digits.
pub(crate) fn bytea<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::from("\\x");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    serializer.serialize_str(&text)
}
