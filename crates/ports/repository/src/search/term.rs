/// A word that a case must have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// The word: letters, digits, marks, pictures, and characters for private use. Of ASCII it has
    /// small letters and digits alone.
    pub word: String,
    /// Whether longer words that begin with it will do.
    pub is_prefix: bool,
}
