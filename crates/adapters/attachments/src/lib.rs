//! The contents of Engage's attachments: in a folder, or in a bucket of S3 or of what speaks its
//! protocol.
#![warn(missing_docs)]

mod contents;
mod place;
mod s3;

pub use contents::{AttachmentContents, OpenError};
pub use place::{Place, PlaceError};
pub use s3::S3Settings;
