//! Values read back from storage.

use std::str::FromStr;

/// A value that is stored as text and read back.
///
/// A value that was accepted once stays readable, even if [`FromStr`] has since become stricter for
/// new values. Deserialization follows the same rules because it reads snapshots of events.
pub trait FromStored: FromStr {
    /// Parses a stored value.
    fn from_stored(text: &str) -> Result<Self, Self::Err> {
        text.parse()
    }
}
