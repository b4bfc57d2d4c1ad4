//! Texts that replace redacted ones.

use std::marker::PhantomData;

use super::{Line, Message, Prose};
use crate::redaction::RedactionMark;
use crate::stored::FromStored;

impl<const MAX: usize, Kind> Line<MAX, Kind> {
    /// Returns the mark as the text.
    ///
    /// Fails to compile if `MAX` is too small for it.
    #[must_use]
    pub fn redacted(mark: &RedactionMark) -> Self {
        const { assert!(RedactionMark::LONGEST <= MAX, "there is room for the mark") };
        Self(mark.as_str().to_owned(), PhantomData)
    }
}

impl<const MAX: usize, Kind> Prose<MAX, Kind> {
    /// Returns the mark as the text.
    ///
    /// Fails to compile if `MAX` is too small for it.
    #[must_use]
    pub fn redacted(mark: &RedactionMark) -> Self {
        const { assert!(RedactionMark::LONGEST <= MAX, "there is room for the mark") };
        Self(mark.as_str().to_owned(), PhantomData)
    }
}

impl Message {
    /// Adds the mark below the text, for an entry that lost a file. A text without room for it stays
    /// as it is.
    #[must_use]
    pub fn marked(self, mark: &RedactionMark) -> Self {
        let marked = Self::from_stored(&format!("{}\n\n{}", self.as_str(), mark.as_str()));
        marked.unwrap_or(self)
    }
}
