use actix_web::{HttpResponse, get};
use engage_application::CountedTag;
use engage_domain::text::Line;
use serde::Serialize;
use utoipa::ToSchema;

use super::TagBody;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::staff::access::{ReadCases, Required, Staff};
use crate::staff::page::{Page, PageBody};
use crate::validation::Validation;

/// Tags.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagsResponse {
    success: bool,
    /// Tags of this page, by name.
    tags: Vec<CountedTagBody>,
    pagination: PageBody,
}

/// A tag with the number of its cases.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountedTagBody {
    #[serde(flatten)]
    tag: TagBody,
    /// Number of active cases with the tag. It may be a minute old.
    #[schema(minimum = 0, example = 12)]
    active_cases: u64,
}

impl From<CountedTag> for CountedTagBody {
    fn from(counted: CountedTag) -> Self {
        Self { tag: counted.tag.into(), active_cases: counted.active_cases }
    }
}

/// List tags.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(
        ("q" = Option<String>, Query, max_length = 40, description = "Start of the name, in upper or lower case.", example = "vi"),
        ("page" = Option<u32>, Query, minimum = 1, description = "Page number, 1 by default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The tags of this page.", body = TagsResponse),
    ),
)]
#[get("/support/tags")]
pub(crate) async fn list_tags(
    staff: Staff<ReadCases>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let start: Option<Line<40>> = query.one("q", &mut v).and_then(|text| v.parse("q", text));
    let page = Page::read(&query, &mut v);
    let page = v.finish(page)?;
    let manage = staff.use_cases().manage_tags.clone();
    let found = in_time(async move {
        let start = start.as_ref().map_or("", Line::as_str);
        manage.page(start, page.number, page.limit).await
    });
    let found = found.await?;
    Ok(HttpResponse::Ok().json(TagsResponse {
        success: true,
        tags: found.tags.into_iter().map(CountedTagBody::from).collect(),
        pagination: page.of(found.total),
    }))
}
