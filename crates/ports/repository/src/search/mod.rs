//! Full text: by which words a case is found, and what is looked for.
//!
//! Both are made here, once, so that every store gives the same answers.

mod exact;
mod field;
mod folding;
mod index;
mod query;
mod stored;
mod term;
mod words;

pub use field::SearchField;
#[cfg(feature = "mock")]
pub use index::MockSearchIndex;
pub use index::SearchIndex;
pub use query::{AssignedSearch, InvalidSearch, SearchExpression, SearchQuery};
pub use stored::SearchWords;
pub use term::SearchTerm;

#[cfg(test)]
mod tests;
