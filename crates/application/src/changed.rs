use engage_domain::{Case, Event};
use engage_repository::StoredResponse;

/// A case after a request to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The case as it is now.
    pub case: Case,
    /// The event of the change; `None` if there was nothing to change.
    pub event: Option<Event>,
}

/// The result of a request to change a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// The request took effect now, or there was nothing to change.
    Changed(Box<Changed>),
    /// A request with the same idempotency key took effect earlier, with this response.
    Replayed(StoredResponse),
}

impl ChangeOutcome {
    /// Returns the change that was made now, if the request was not a repetition.
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
