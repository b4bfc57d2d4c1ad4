//! Staff members.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod read;
pub(crate) mod tokens;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::{StaffId, StaffMember, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

/// A staff member.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberBody {
    /// Permanent id of the member.
    #[schema(example = "staff-456")]
    id: String,
    /// Display name.
    #[schema(example = "Sam Jones")]
    name: String,
    /// E-mail address for notifications.
    #[schema(example = "sam@example.com")]
    email: String,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`. Each role includes the permissions of the lower ones.
    #[schema(example = "AGENT")]
    role: &'static str,
    /// Department of the member.
    #[schema(example = "Technical Support")]
    department: Option<String>,
    /// Phone number for urgent text messages.
    #[schema(example = "+15550100456")]
    phone: Option<String>,
    /// True if the member is active. Inactive members have no access and cannot be assigned cases.
    active: bool,
    /// Time at which the member was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Time at which the member was deactivated.
    #[schema(value_type = Option<String>, format = DateTime)]
    deactivated_at: Option<Timestamp>,
}

impl From<StaffMember> for MemberBody {
    fn from(member: StaffMember) -> Self {
        Self {
            active: member.is_active(),
            id: member.id.to_string(),
            name: member.name.into(),
            email: member.email.to_string(),
            role: member.role.as_str(),
            department: member.department.map(Into::into),
            phone: member.phone.map(|phone| phone.to_string()),
            created_at: member.created_at,
            deactivated_at: member.deactivated_at,
        }
    }
}

/// The staff member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberResponse {
    success: bool,
    staff: MemberBody,
}

impl From<StaffMember> for MemberResponse {
    fn from(member: StaffMember) -> Self {
        Self { success: true, staff: member.into() }
    }
}

/// The staff member in the path.
pub(crate) struct MemberInPath(pub(crate) StaffId);

impl FromRequest for MemberInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("staffId");
        let id = text.parse().map_err(|_| ApiError::StaffNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}
