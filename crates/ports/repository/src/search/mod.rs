//! Full-text search: extraction of the indexed words of a case, and parsing of queries.
//!
//! Both are implemented here rather than in the stores, so that every store returns the same
//! results.

mod exact;
mod field;
mod folding;
mod index;
mod prefix_search;
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
