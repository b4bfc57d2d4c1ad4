use actix_web::{HttpResponse, patch, post};
use engage_application::MemberChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MemberInPath, MemberResponse};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{Admin, Staff};
use crate::validation::Validation;

/// What is to change of a member of staff; what is left out stays.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeStaffRequest {
    /// What colleagues call them.
    #[schema(max_length = 200, example = "Sam Jones")]
    name: Option<String>,
    /// Where notifications go; no two members, active or not, share one.
    #[schema(max_length = 254, example = "sam@example.com")]
    email: Option<String>,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`.
    #[schema(example = "SUPERVISOR")]
    role: Option<String>,
    /// Where they work; null for nowhere in particular.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, example = "Technical Support")]
    department: Option<Option<String>>,
    /// Where urgent text messages go; null for nowhere.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "+15550100456")]
    phone: Option<Option<String>>,
    /// Whether they work here. Who leaves or comes back has no tokens any more.
    #[schema(example = true)]
    active: Option<bool>,
}

impl ChangeStaffRequest {
    fn validate(&self) -> Result<MemberChange, ApiError> {
        let mut v = Validation::default();
        let name = v.optional("name", self.name.as_deref());
        let email = v.optional("email", self.email.as_deref());
        let role = v.word("role", self.role.as_deref());
        let department = self.department.as_ref();
        let department = department.map(|text| v.optional("department", text.as_deref()));
        let phone = self.phone.as_ref();
        let phone = phone.map(|text| v.optional("phone", text.as_deref()));
        let is_active = self.active;
        v.at_least_one(&[
            ("name", name.is_some()),
            ("email", email.is_some()),
            ("role", role.is_some()),
            ("department", department.is_some()),
            ("phone", phone.is_some()),
            ("active", is_active.is_some()),
        ]);
        v.finish(Some(MemberChange { name, email, role, department, phone, is_active }))
    }
}

/// Change a member of staff.
///
/// Needs the role `ADMIN`. The last active administrator stays one. Who comes back (`active`) needs
/// new tokens.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("staffId" = String, Path, description = "The member's id.", example = "staff-456")),
    request_body = ChangeStaffRequest,
    responses(
        (status = 200, description = "The member as they are now.", body = MemberResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: another member, active or not, has the `email` \
            of the details; or `LAST_ADMIN`.", body = ErrorBody),
    ),
)]
#[patch("/staff/{staffId}")]
pub(crate) async fn change_staff(
    staff: Staff<Admin>,
    id: MemberInPath,
    body: JsonBody<ChangeStaffRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.0.validate()?;
    staff.may_give(change.role)?;
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let member = in_time(async move { manage.change(&id.0, &change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}

/// Note that a member of staff has left.
///
/// Needs the role `ADMIN`. Their tokens are void at once and nothing can be assigned to them any
/// more; the cases they have stay theirs until somebody else gets them. Again, it changes nothing.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("staffId" = String, Path, description = "The member's id.", example = "staff-456")),
    responses(
        (status = 200, description = "The member as they are now.", body = MemberResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`LAST_ADMIN`: nobody could give others access any more.", body = ErrorBody),
    ),
)]
#[post("/staff/{staffId}/deactivate")]
pub(crate) async fn deactivate_staff(
    staff: Staff<Admin>,
    id: MemberInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let member = in_time(async move { manage.deactivate(&id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
