//! Tags, the labels that staff put on cases.

mod change;
mod name;
mod tags;

pub use change::TagChange;
pub use name::{TagName, TagNameError, folded};
pub use tags::{Tags, TooManyTags};
