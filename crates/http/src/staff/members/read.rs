use actix_web::{HttpResponse, get};
use engage_application::{MemberFilter, MemberPage};
use engage_domain::{Role, StaffMember, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MemberInPath, MemberResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{Admin, Agent, Staff};
use crate::staff::page::{Page, PageBody};
use crate::validation::Validation;

/// Members of staff.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersResponse {
    success: bool,
    /// In the order of their ids.
    staff: Vec<ListedMemberBody>,
    pagination: PageBody,
}

/// A member of staff: what colleagues need to assign cases by, and for an `ADMIN` all that is known.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedMemberBody {
    /// Names the member everywhere and for ever.
    #[schema(example = "staff-456")]
    id: String,
    /// What colleagues call them.
    #[schema(example = "Sam Jones")]
    name: String,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`.
    #[schema(example = "AGENT")]
    role: &'static str,
    /// Where they work.
    #[schema(example = "Technical Support")]
    department: Option<String>,
    /// Where notifications go; for an `ADMIN` only, like all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "sam@example.com")]
    email: Option<String>,
    /// Where urgent text messages go.
    #[allow(clippy::option_option)] // Not shown, none and given are three things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, example = "+15550100456")]
    phone: Option<Option<String>>,
    /// Whether they work here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    active: Option<bool>,
    /// When they were added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false, required = false)]
    created_at: Option<Timestamp>,
    /// When they left.
    #[allow(clippy::option_option)] // Not shown, none and given are three things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    deactivated_at: Option<Option<Timestamp>>,
}

impl ListedMemberBody {
    fn for_colleagues(member: StaffMember) -> Self {
        Self {
            id: member.id.to_string(),
            name: member.name.into(),
            role: member.role.as_str(),
            department: member.department.map(Into::into),
            email: None,
            phone: None,
            active: None,
            created_at: None,
            deactivated_at: None,
        }
    }

    fn for_admins(member: StaffMember) -> Self {
        Self {
            email: Some(member.email.to_string()),
            phone: Some(member.phone.as_ref().map(ToString::to_string)),
            active: Some(member.is_active()),
            created_at: Some(member.created_at),
            deactivated_at: Some(member.deactivated_at),
            ..Self::for_colleagues(member)
        }
    }
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

pub(super) fn truth(name: &'static str, text: &str, v: &mut Validation) -> Option<bool> {
    let truth = text.to_ascii_lowercase().parse().ok();
    if truth.is_none() {
        v.not_one_of(name, vec!["true", "false"]);
    }
    truth
}

/// List the members of staff.
///
/// With `id`, `name`, `role` and `department`, to assign cases by: those who work here. For an `ADMIN` with all
/// that is known of them, and those who have left as well, unless `active` says otherwise.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("role" = Option<String>, Query, description = "Their roles, with commas between them.", example = "SUPERVISOR,ADMIN"),
        ("department" = Option<String>, Query, description = "Where they work; several with commas between them."),
        ("active" = Option<bool>, Query, description = "`true`: those who work here; `false`: those who have left."),
        ("page" = Option<u32>, Query, minimum = 1, description = "From 1, the default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 20 by default."),
    ),
    responses(
        (status = 200, description = "The members of this page.", body = MembersResponse),
    ),
)]
#[get("/staff")]
pub(crate) async fn list_staff(
    staff: Staff<Agent>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (mut filter, page) = read_query(&query)?;
    let is_admin = staff.member().role == Role::Admin;
    // Who has left is no colleague's business.
    let is_empty = !is_admin && filter.is_active == Some(false);
    if !is_admin {
        filter.is_active = Some(true);
    }
    let manage = staff.use_cases().manage_staff.clone();
    let found = async move { manage.page(&filter, page.number, page.limit).await };
    let MemberPage { members, total } = if is_empty {
        MemberPage { members: Vec::new(), total: 0 }
    } else {
        in_time(found).await?
    };
    let shown =
        if is_admin { ListedMemberBody::for_admins } else { ListedMemberBody::for_colleagues };
    let staff = members.into_iter().map(shown).collect();
    let pagination = page.of(total);
    Ok(HttpResponse::Ok().json(MembersResponse { success: true, staff, pagination }))
}

/// Read a member of staff.
///
/// Needs the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("staffId" = String, Path, description = "The member's id.", example = "staff-456")),
    responses(
        (status = 200, description = "The member.", body = MemberResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[get("/staff/{staffId}")]
pub(crate) async fn get_staff(
    staff: Staff<Admin>,
    id: MemberInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_staff.clone();
    let member = in_time(async move { manage.get(&id.0).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
