//! Tags of cases.

pub(crate) mod change;
pub(crate) mod fields;
pub(crate) mod list;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::{TagId, Timestamp};
use engage_repository::Tag;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

/// A tag.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagBody {
    /// Id of the tag.
    #[schema(example = "tag_01jjg00000e008000000000001")]
    id: String,
    /// Name of the tag, as it was first written or renamed.
    #[schema(example = "VIP")]
    name: String,
    /// Time at which the tag was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Tag> for TagBody {
    fn from(tag: Tag) -> Self {
        Self { id: tag.id.to_string(), name: tag.name.to_string(), created_at: tag.created_at }
    }
}

/// The tag.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagResponse {
    success: bool,
    tag: TagBody,
}

impl From<Tag> for TagResponse {
    fn from(tag: Tag) -> Self {
        Self { success: true, tag: tag.into() }
    }
}

/// The tag in the path.
pub(crate) struct TagInPath(pub(crate) TagId);

impl FromRequest for TagInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("tagId");
        ready(text.parse().map(Self).map_err(|_| ApiError::TagNotFound(text.to_owned())))
    }
}
