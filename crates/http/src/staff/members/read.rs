use actix_web::{HttpResponse, get};
use engage_application::{MemberFilter, MemberPage};
use engage_domain::{Permission, Role, StaffMember, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MemberInPath, MemberResponse, acts_for_of, scopes_of};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::staff::access::{ListColleagues, ManageStaff, Required, Staff};
use crate::staff::page::{Page, PageBody};
use crate::validation::Validation;

/// Staff members.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembersResponse {
    success: bool,
    /// Members of this page, in the order of their ids.
    staff: Vec<ListedMemberBody>,
    pagination: PageBody,
}

/// A staff member, with the fields needed to assign cases. An `ADMIN` sees all fields.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedMemberBody {
    /// Permanent id of the member.
    #[schema(example = "staff-456")]
    id: String,
    /// Display name.
    #[schema(example = "Sam Jones")]
    name: String,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`, or `SERVICE` for a machine.
    #[schema(example = "AGENT")]
    role: &'static str,
    /// Department of the member.
    #[schema(example = "Technical Support")]
    department: Option<String>,
    /// E-mail address for notifications. This and the following fields are only visible to an
    /// `ADMIN`. Null for a `SERVICE` member.
    #[allow(clippy::option_option)] // Not shown, none and given are three things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, example = "sam@example.com")]
    email: Option<Option<String>>,
    /// Phone number for urgent text messages.
    #[allow(clippy::option_option)] // Not shown, none and given are three things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, example = "+15550100456")]
    phone: Option<Option<String>>,
    /// True if the member is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Time at which the member was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false, required = false)]
    created_at: Option<Timestamp>,
    /// Time at which the member was deactivated.
    #[allow(clippy::option_option)] // Not shown, none and given are three things.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    deactivated_at: Option<Option<Timestamp>>,
    /// Scopes of a `SERVICE` member. Absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, example = json!(["cases.open", "cases.reply"]))]
    scopes: Option<Vec<&'static str>>,
    /// Ids of the members on whose behalf a `SERVICE` member may write. Absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["staff-456"]))]
    acts_for: Option<Vec<String>>,
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
            scopes: None,
            acts_for: None,
        }
    }

    fn for_admins(member: StaffMember) -> Self {
        Self {
            email: Some(member.address().map(ToString::to_string)),
            phone: Some(member.phone.as_ref().map(ToString::to_string)),
            active: Some(member.is_active()),
            created_at: Some(member.created_at),
            deactivated_at: Some(member.deactivated_at),
            scopes: scopes_of(&member),
            acts_for: acts_for_of(&member),
            ..Self::for_colleagues(member)
        }
    }
}

fn read_query(query: &Query) -> Result<(MemberFilter, Page), ApiError> {
    let mut v = Validation::default();
    let is_active = query.truth("active", &mut v);
    let roles = query.words("role", &mut v);
    let departments = query.values("department", &mut v);
    let filter = MemberFilter { roles, departments, is_active };
    let request = Page::read(query, &mut v).map(|page| (filter, page));
    v.finish(request)
}

/// List staff members.
///
/// Agents and supervisors see the `id`, `name`, `role` and `department` of active people, to
/// assign cases. An `ADMIN` sees all fields, and inactive members too unless `active` is given.
#[utoipa::path(
    security(("staffToken" = [ListColleagues::ROLE])),
    params(
        ("role" = Option<String>, Query, description = "Roles, comma-separated.", example = "SUPERVISOR,ADMIN"),
        ("department" = Option<String>, Query, description = "Departments, comma-separated."),
        ("active" = Option<bool>, Query, description = "`true` for active members, `false` for inactive ones."),
        ("page" = Option<u32>, Query, minimum = 1, description = "Page number, 1 by default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The staff members of this page.", body = MembersResponse),
    ),
)]
#[get("/staff")]
pub(crate) async fn list_staff(
    staff: Staff<ListColleagues>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (mut filter, page) = read_query(&query)?;
    let sees_all = staff.may(Permission::ManageStaff);
    // Only administrators may list inactive members.
    let mut is_empty = !sees_all && filter.is_active == Some(false);
    if !sees_all {
        filter.is_active = Some(true);
        if filter.roles.is_empty() {
            filter.roles = Role::ALL.to_vec();
        }
        // No case can be assigned to a machine.
        filter.roles.retain(|role| *role != Role::Service);
        is_empty |= filter.roles.is_empty();
    }
    let manage = staff.use_cases().manage_staff.clone();
    let found = async move { manage.page(&filter, page.number, page.limit).await };
    let MemberPage { members, total } = if is_empty {
        MemberPage { members: Vec::new(), total: 0 }
    } else {
        in_time(found).await?
    };
    let shown =
        if sees_all { ListedMemberBody::for_admins } else { ListedMemberBody::for_colleagues };
    let staff = members.into_iter().map(shown).collect();
    let pagination = page.of(total);
    Ok(HttpResponse::Ok().json(MembersResponse { success: true, staff, pagination }))
}

/// Get a staff member.
#[utoipa::path(
    security(("staffToken" = [ManageStaff::ROLE])),
    params(("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456")),
    responses(
        (status = 200, description = "The staff member.", body = MemberResponse),
    ),
)]
#[get("/staff/{staffId}")]
pub(crate) async fn get_staff(
    staff: Staff<ManageStaff>,
    id: MemberInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_staff.clone();
    let member = in_time(async move { manage.get(&id.0).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
