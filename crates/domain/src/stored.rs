//! Values that come back from storage.

use std::str::FromStr;

/// A value that is kept as text and read back.
///
/// What was accepted once stays readable: the rules of its day may have been looser than those that
/// [`FromStr`] holds new values to. Deserialization reads values the same way, since what it reads is
/// snapshots of events.
pub trait FromStored: FromStr {
    /// Reads a value that was kept.
    fn from_stored(text: &str) -> Result<Self, Self::Err> {
        text.parse()
    }
}
