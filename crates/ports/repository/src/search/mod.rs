//! Full text: by which words a case is found, and what is looked for.
//!
//! Both are made here, once, so that every store gives the same answers.

mod exact;
mod folding;
mod index;
mod place;
mod query;
mod stored;
mod words;

#[cfg(feature = "mock")]
pub use index::MockSearchIndex;
pub use index::SearchIndex;
pub use place::SearchPlace;
pub use query::{AssignedSearch, InvalidSearch, SearchExpression, SearchQuery, SearchTerm};
pub use stored::SearchWords;

#[cfg(test)]
mod tests;
