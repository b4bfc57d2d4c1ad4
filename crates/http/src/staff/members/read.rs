use actix_web::{HttpResponse, get};
use engage_application::{MemberFilter, MemberPage};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MemberAnswer, MemberBody, MemberInPath};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{Admin, Staff};
use crate::staff::page::{Page, PageBody};
use crate::validation::Validation;

/// Members of staff.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersAnswer {
    success: bool,
    /// In the order of their ids.
    staff: Vec<MemberBody>,
    pagination: PageBody,
}

fn read_query(query: &Query) -> Result<(MemberFilter, Page), ApiError> {
    let mut v = Validation::default();
    let is_active = query.one("active", &mut v).and_then(|text| truth("active", text, &mut v));
    let roles = query.words("role", &mut v);
    let departments = query.values("department", &mut v);
    let filter = MemberFilter { roles, departments, is_active };
    let request = Page::read(query, &mut v).map(|page| (filter, page));
    v.finish(request)
}

fn truth(name: &'static str, text: &str, v: &mut Validation) -> Option<bool> {
    let truth = text.to_ascii_lowercase().parse().ok();
    if truth.is_none() {
        v.not_one_of(name, vec!["true", "false"]);
    }
    truth
}

/// List the members of staff.
///
/// Needs the role `ADMIN`. Those who have left are listed as well, unless `active` says otherwise.
#[utoipa::path(
    tag = "staff",
    security(("staffToken" = [])),
    params(
        ("role" = Option<String>, Query, description = "Their roles, with commas between them.", example = "SUPERVISOR,ADMIN"),
        ("department" = Option<String>, Query, description = "Where they work; several with commas between them."),
        ("active" = Option<bool>, Query, description = "`true`: those who work here; `false`: those who have left."),
        ("page" = Option<u32>, Query, minimum = 1, description = "From 1, the default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 20 by default."),
    ),
    responses(
        (status = 200, description = "The members of this page.", body = MembersAnswer),
        (status = 400, description = "`VALIDATION_ERROR`.", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`.", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[get("/staff")]
pub(crate) async fn list_staff(
    staff: Staff<Admin>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = read_query(&query)?;
    let manage = staff.desk().manage_staff.clone();
    let found = async move { manage.page(&filter, page.number, page.limit).await };
    let MemberPage { members, total } = in_time(found).await?;
    let staff = members.into_iter().map(MemberBody::from).collect();
    let pagination = page.of(total);
    Ok(HttpResponse::Ok().json(MembersAnswer { success: true, staff, pagination }))
}

/// Read a member of staff.
///
/// Needs the role `ADMIN`.
#[utoipa::path(
    tag = "staff",
    security(("staffToken" = [])),
    params(("staffId" = String, Path, description = "The member's id.", example = "staff-456")),
    responses(
        (status = 200, description = "The member.", body = MemberAnswer),
        (status = 401, description = "`UNAUTHORIZED`.", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[get("/staff/{staffId}")]
pub(crate) async fn get_staff(
    staff: Staff<Admin>,
    id: MemberInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.desk().manage_staff.clone();
    let member = in_time(async move { manage.get(&id.0).await }).await?;
    Ok(HttpResponse::Ok().json(MemberAnswer::from(member)))
}
