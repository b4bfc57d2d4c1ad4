//! Tags of cases: which there are, and what cases get.

mod counts;
mod error;
mod manage;
mod names;

pub use error::TagError;
pub use manage::{CountedTag, ManageTags, TagPage};
pub use names::{TagNames, TagNamesFilter};
