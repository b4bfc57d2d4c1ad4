use actix_web::{HttpResponse, get};
use engage_application::OrganizationPage;
use engage_domain::OrganizationId;
use engage_repository::OrganizationFilter;
use serde::Serialize;
use utoipa::ToSchema;

use super::{OrganizationBody, OrganizationInPath, OrganizationResponse};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::staff::access::{ReadContacts, Required, Staff};
use crate::staff::cursor_page::{CursorPage, CursorPagination};
use crate::validation::Validation;

/// Organizations.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganizationsResponse {
    success: bool,
    /// Organizations, oldest first.
    organizations: Vec<OrganizationBody>,
    pagination: CursorPagination,
}

fn read(query: &Query) -> Result<(OrganizationFilter, CursorPage<OrganizationId>), ApiError> {
    let mut v = Validation::default();
    let filter = OrganizationFilter {
        text: query.one("q", &mut v).and_then(|text| v.parse("q", text)),
        domain: query.one("domain", &mut v).and_then(|domain| v.parse("domain", domain)),
        notes: None,
    };
    let page = CursorPage::read(query, &mut v);
    v.finish(page.map(|page| (filter, page)))
}

/// List organizations.
#[utoipa::path(
    security(("staffToken" = [ReadContacts::ROLE])),
    params(
        ("q" = Option<String>, Query, max_length = 200, description = "Text that the name or a domain contains, in upper or lower case.", example = "acme"),
        ("domain" = Option<String>, Query, description = "A domain of the organization.", example = "acme.example"),
        ("cursor" = Option<String>, Query, description = "The `pagination.nextCursor` of an earlier response."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The matching organizations.", body = OrganizationsResponse),
    ),
)]
#[get("/organizations")]
pub(crate) async fn list_organizations(
    staff: Staff<ReadContacts>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = read(&query)?;
    let manage = staff.use_cases().manage_organizations.clone();
    let found = async move { manage.page(&filter, page.after, page.limit).await };
    let OrganizationPage { organizations, next } = in_time(found).await?;
    Ok(HttpResponse::Ok().json(OrganizationsResponse {
        success: true,
        organizations: organizations.into_iter().map(OrganizationBody::from).collect(),
        pagination: CursorPagination::new(page.limit, next),
    }))
}

/// Get an organization.
#[utoipa::path(
    security(("staffToken" = [ReadContacts::ROLE])),
    params(("organizationId" = String, Path, description = "Id of the organization.", example = "org_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The organization.", body = OrganizationResponse),
    ),
)]
#[get("/organizations/{organizationId}")]
pub(crate) async fn get_organization(
    staff: Staff<ReadContacts>,
    id: OrganizationInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_organizations.clone();
    let organization = in_time(async move { manage.get(id.0).await }).await?;
    Ok(HttpResponse::Ok().json(OrganizationResponse::from(organization)))
}
