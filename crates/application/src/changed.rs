use engage_domain::{Case, Event};

/// A change that was made, or that turned out to be none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The case as it is now.
    pub case: Case,
    /// What happened; nothing where the request changed nothing.
    pub event: Option<Event>,
}
