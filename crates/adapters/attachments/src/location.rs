use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Storage location of attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder: `file://PATH`.
    Folder(PathBuf),
    /// A bucket: `s3://BUCKET/PREFIX`.
    Bucket {
        /// Name of the bucket.
        bucket: String,
        /// Prefix of all keys, which may be empty.
        prefix: String,
    },
}

/// Error returned when a text is not a storage location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be file:// and the path of a folder, or s3://bucket/prefix")]
pub struct LocationError;

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if let Some(path) = text.strip_prefix("file://").filter(|path| !path.is_empty()) {
            return Ok(Self::Folder(path.into()));
        }
        let rest = text.strip_prefix("s3://").ok_or(LocationError)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        // Anything else, such as a user and a password, is not part of a bucket's name.
        if bucket.is_empty() || !bucket.chars().all(is_name) || prefix.contains(['?', '#']) {
            return Err(LocationError);
        }
        Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "file://{}", path.display()),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_buckets_are_parsed_from_urls() {
        for (text, shown, location) in [
            ("file://var/x", "file://var/x", Location::Folder("var/x".into())),
            ("file:///srv/x", "file:///srv/x", Location::Folder("/srv/x".into())),
            (
                "s3://desk.example",
                "s3://desk.example",
                Location::Bucket { bucket: "desk.example".to_owned(), prefix: String::new() },
            ),
            (
                "s3://desk/a/b/",
                "s3://desk/a/b",
                Location::Bucket { bucket: "desk".to_owned(), prefix: "a/b".to_owned() },
            ),
        ] {
            assert_eq!(text.parse(), Ok(location.clone()), "{text}");
            assert_eq!(location.to_string(), shown);
        }
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in
            ["", "var/x", "file://", "s3://", "s3:///x", "s3://u:p@b/x", "s3://b/x?y", "gs://b"]
        {
            assert_eq!(text.parse::<Location>(), Err(LocationError), "{text}");
        }
    }
}
