//! Maps the errors of tags to the errors of the API.

use engage_application::TagError;
use engage_domain::tag::{Tags, TooManyTags};

use crate::error::ApiError;

impl From<TagError> for ApiError {
    fn from(error: TagError) -> Self {
        match error {
            TagError::NotFound(id) => Self::TagNotFound(id.to_string()),
            TagError::NameTaken(tag) => {
                Self::TagTaken { name: tag.name.to_string(), other: tag.id.to_string() }
            }
            TagError::Same => Self::invalid("from", "must be another tag than into"),
            TagError::MayNotCreate(_) => Self::invalid("tags", error.to_string()),
            TagError::Repository(error) => error.into(),
        }
    }
}

impl From<TooManyTags> for ApiError {
    fn from(_: TooManyTags) -> Self {
        Self::LimitReached {
            reason: "The case would have more tags than a case may have. Remove some.",
            limit: Tags::MOST,
        }
    }
}
