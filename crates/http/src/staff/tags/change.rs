use actix_web::{HttpResponse, patch, post};
use engage_domain::TagId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{TagInPath, TagResponse};
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageTags, Required, Staff};
use crate::validation::Validation;

/// A new name of a tag.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RenameTagRequest {
    /// New name, in one line without commas.
    #[schema(required, min_length = 1, max_length = 40, example = "Key account", nullable = false)]
    name: Option<String>,
}

/// Rename a tag.
///
/// Cases show the new name at once. The tag is still found by its former names.
#[utoipa::path(
    security(("staffToken" = [ManageTags::ROLE])),
    params(("tagId" = String, Path, description = "Id of the tag.", example = "tag_01jjg00000e008000000000001")),
    request_body = RenameTagRequest,
    responses(
        (status = 200, description = "The tag after the change.", body = TagResponse),
        (status = 409, description = "`CONFLICT`: the tag in the details has the name, or had it before.", body = ErrorBody),
    ),
)]
#[patch("/support/tags/{tagId}")]
pub(crate) async fn rename_tag(
    staff: Staff<ManageTags>,
    id: TagInPath,
    body: JsonBody<RenameTagRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let name = v.required("name", body.0.name.as_deref());
    let name = v.finish(name)?;
    let (manage, by) = (staff.use_cases().manage_tags.clone(), staff.initiator());
    let tag = in_time(async move { manage.rename(id.0, &name, &by).await }).await?;
    Ok(HttpResponse::Ok().json(TagResponse::from(tag)))
}

/// Two tags that mean the same.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MergeTagsRequest {
    /// Id of the tag that remains.
    #[schema(required, value_type = String, example = "tag_01jjg00000e008000000000001")]
    into: Option<String>,
    /// Id of the tag that is merged into it.
    #[schema(required, value_type = String, example = "tag_01jjg00000e008000000000002")]
    from: Option<String>,
}

impl MergeTagsRequest {
    fn validate(&self) -> Result<(TagId, TagId), ApiError> {
        let mut v = Validation::default();
        let into = v.required("into", self.into.as_deref());
        let from = v.required("from", self.from.as_deref());
        v.finish(into.zip(from))
    }
}

/// Merge two tags.
///
/// The cases of `from` have the tag `into` from then on, which is also found by the names of `from`.
#[utoipa::path(
    security(("staffToken" = [ManageTags::ROLE])),
    request_body = MergeTagsRequest,
    responses(
        (status = 200, description = "The tag that remains.", body = TagResponse),
        (status = 404, description = "`TAG_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/support/tags/merge")]
pub(crate) async fn merge_tags(
    staff: Staff<ManageTags>,
    body: JsonBody<MergeTagsRequest>,
) -> Result<HttpResponse, ApiError> {
    let (into, from) = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_tags.clone(), staff.initiator());
    let tag = in_time(async move { manage.merge(from, into, &by).await }).await?;
    Ok(HttpResponse::Ok().json(TagResponse::from(tag)))
}
