//! Files that requests bring, and files that answers are.

mod channel;
pub(crate) mod download;
pub(crate) mod form;
pub(crate) mod inline;
pub(crate) mod submission;

/// The field of a request that has its files, as problems name it.
const FIELD: &str = "attachments";
