//! Stores the contents of Engage's attachments in a folder, or in a bucket of S3 or a compatible
//! service.
#![warn(missing_docs)]

mod contents;
mod location;
mod open_error;
mod s3;

pub use contents::AttachmentContents;
pub use engage_outbound::DnsResolver;
pub use location::{Location, LocationError};
pub use open_error::OpenError;
pub use s3::S3Settings;
