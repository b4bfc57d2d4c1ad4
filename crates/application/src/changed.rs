use engage_domain::{Case, Event};
use engage_repository::StoredResponse;

/// A case after a request to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The case after the change.
    pub case: Case,
    /// The event of the change, or `None` if nothing had to change.
    pub event: Option<Event>,
}

/// The result of a request to change a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// The request took effect, or nothing had to change.
    Changed(Box<Changed>),
    /// The request repeats an earlier one with the same idempotency key and this response.
    Replayed(StoredResponse),
}

impl ChangeOutcome {
    /// Returns the change, or `None` for a repeated request.
    pub fn into_changed(self) -> Option<Changed> {
        match self {
            Self::Changed(changed) => Some(*changed),
            Self::Replayed(_) => None,
        }
    }
}

impl From<Changed> for ChangeOutcome {
    fn from(changed: Changed) -> Self {
        Self::Changed(Box::new(changed))
    }
}
