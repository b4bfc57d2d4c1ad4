use actix_web::{HttpResponse, patch, post};
use engage_application::MemberChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MemberInPath, MemberResponse, read_acts_for, read_scopes};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageStaff, Required, Staff};
use crate::validation::Validation;

/// Changes to a staff member. Omitted fields do not change.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeStaffRequest {
    /// Display name.
    #[schema(max_length = 200, example = "Sam Jones")]
    name: Option<String>,
    /// E-mail address for notifications. It must be unique among all members, active or not.
    #[schema(max_length = 254, example = "sam@example.com")]
    email: Option<String>,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`. A `SERVICE` member keeps its role.
    #[schema(example = "SUPERVISOR")]
    role: Option<String>,
    /// Department of the member. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, example = "Technical Support")]
    department: Option<Option<String>>,
    /// Phone number for urgent text messages. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "+15550100456")]
    phone: Option<Option<String>>,
    /// False deactivates the member, true reactivates them. Either way, their tokens are revoked.
    #[schema(example = true)]
    active: Option<bool>,
    /// All scopes of a `SERVICE` member. Replaces the previous list.
    #[schema(example = json!(["cases.open", "cases.reply"]))]
    scopes: Option<Vec<String>>,
    /// All members on whose behalf a `SERVICE` member may write. Replaces the previous list.
    #[schema(max_items = 1000, example = json!(["staff-456"]))]
    acts_for: Option<Vec<String>>,
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
        let scopes = self.scopes.as_ref().map(|given| read_scopes(&mut v, given));
        let acts_for = self.acts_for.as_ref().map(|given| read_acts_for(&mut v, given));
        v.at_least_one(&[
            ("name", name.is_some()),
            ("email", email.is_some()),
            ("role", role.is_some()),
            ("department", department.is_some()),
            ("phone", phone.is_some()),
            ("active", is_active.is_some()),
            ("scopes", scopes.is_some()),
            ("actsFor", acts_for.is_some()),
        ]);
        let change =
            MemberChange { name, email, role, department, phone, is_active, scopes, acts_for };
        v.finish(Some(change))
    }
}

/// Update a staff member.
///
/// The last active administrator cannot be demoted or deactivated. A
/// reactivated member needs new tokens. A `SERVICE` member has no email and no phone, and only it has
/// scopes and actsFor.
#[utoipa::path(
    security(("staffToken" = [ManageStaff::ROLE])),
    params(("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456")),
    request_body = ChangeStaffRequest,
    responses(
        (status = 200, description = "The staff member after the change.", body = MemberResponse),
        (status = 409, description = "`CONFLICT`: another member, active or not, has the `email` in the details. `LAST_ADMIN`. `ROLE_FIXED`.", body = ErrorBody),
    ),
)]
#[patch("/staff/{staffId}")]
pub(crate) async fn change_staff(
    staff: Staff<ManageStaff>,
    id: MemberInPath,
    body: JsonBody<ChangeStaffRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.0.validate()?;
    staff.may_give(change.role)?;
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let member = in_time(async move { manage.change(&id.0, &change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}

/// Deactivate a staff member.
///
/// The member's tokens are revoked at once, and no more cases can be
/// assigned to them. Their cases stay assigned until you reassign them. Repeating the request
/// changes nothing.
#[utoipa::path(
    security(("staffToken" = [ManageStaff::ROLE])),
    params(("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456")),
    responses(
        (status = 200, description = "The staff member after the change.", body = MemberResponse),
        (status = 409, description = "`LAST_ADMIN`: the last active administrator cannot be deactivated.", body = ErrorBody),
    ),
)]
#[post("/staff/{staffId}/deactivate")]
pub(crate) async fn deactivate_staff(
    staff: Staff<ManageStaff>,
    id: MemberInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let member = in_time(async move { manage.deactivate(&id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
