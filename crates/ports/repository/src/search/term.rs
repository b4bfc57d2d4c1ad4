/// A word to match in the index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// The word, made of letters, digits, marks, emoji and private-use characters. Its only ASCII
    /// characters are lowercase letters and digits.
    pub word: String,
    /// True if longer words that start with it also match.
    pub is_prefix: bool,
}
