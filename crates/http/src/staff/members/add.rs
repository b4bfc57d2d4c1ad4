use actix_web::{HttpResponse, post};
use engage_application::NewMember;
use serde::Deserialize;
use utoipa::ToSchema;

use super::MemberResponse;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageStaff, Required, Staff};
use crate::validation::Validation;

/// A new staff member.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddStaffRequest {
    /// Permanent id of the member. `me` and `unassigned` are reserved. By default it is derived
    /// from the address.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_-]+$", example = "staff-456")]
    id: Option<String>,
    /// Display name.
    #[schema(required, value_type = String, min_length = 1, max_length = 200, example = "Sam Jones")]
    name: Option<String>,
    /// E-mail address for notifications. It must be unique among all members, active or not.
    #[schema(required, value_type = String, min_length = 1, max_length = 254, example = "sam@example.com")]
    email: Option<String>,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`.
    #[schema(required, value_type = String, example = "AGENT")]
    role: Option<String>,
    /// Department of the member.
    #[schema(max_length = 100, example = "Technical Support")]
    department: Option<String>,
    /// Phone number for urgent text messages, in international format.
    #[schema(example = "+15550100456")]
    phone: Option<String>,
}

impl AddStaffRequest {
    fn validate(&self) -> Result<NewMember, ApiError> {
        let mut v = Validation::default();
        let id = v.optional("id", self.id.as_deref());
        let name = v.required("name", self.name.as_deref());
        let email = v.required("email", self.email.as_deref());
        let role = v.required_word("role", self.role.as_deref());
        let department = v.optional("department", self.department.as_deref());
        let phone = v.optional("phone", self.phone.as_deref());
        let new = name.zip(email).zip(role);
        v.finish(new.map(|((name, email), role)| NewMember {
            id,
            name,
            email,
            role,
            department,
            phone,
        }))
    }
}

/// Add a staff member.
///
/// To grant access, issue a token: `POST
/// /api/internal/staff/{staffId}/tokens`.
#[utoipa::path(
    security(("staffToken" = [ManageStaff::ROLE])),
    request_body = AddStaffRequest,
    responses(
        (status = 200, description = "The staff member.", body = MemberResponse),
        (status = 409, description = "`CONFLICT`: another member, active or not, has the `id` or `email` in the details.", body = ErrorBody),
    ),
)]
#[post("/staff")]
pub(crate) async fn add_staff(
    staff: Staff<ManageStaff>,
    body: JsonBody<AddStaffRequest>,
) -> Result<HttpResponse, ApiError> {
    let new = body.0.validate()?;
    staff.may_give(Some(new.role))?;
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let member = in_time(async move { manage.add(new, &by).await }).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
