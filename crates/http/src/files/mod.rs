//! Files in requests and responses.

mod channel;
pub(crate) mod download;
pub(crate) mod form;
pub(crate) mod inline;
pub(crate) mod submission;

/// Name of the field with the files, as used in problems.
const FIELD: &str = "attachments";
