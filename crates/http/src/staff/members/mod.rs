//! Members of staff.

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

/// A member of staff.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberBody {
    /// Names the member everywhere and for ever.
    #[schema(example = "staff-456")]
    id: String,
    /// What colleagues call them.
    #[schema(example = "Sam Jones")]
    name: String,
    /// Where notifications go.
    #[schema(example = "sam@example.com")]
    email: String,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`; each may do all that the ones before it may.
    #[schema(example = "AGENT")]
    role: &'static str,
    /// Where they work.
    #[schema(example = "Technical Support")]
    department: Option<String>,
    /// Where urgent text messages go.
    #[schema(example = "+15550100456")]
    phone: Option<String>,
    /// Whether they work here; else nothing can be assigned to them, and they have no access.
    active: bool,
    /// When they were added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When they left.
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

/// A member of staff as they are now.
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

/// The member of staff that the path names.
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
