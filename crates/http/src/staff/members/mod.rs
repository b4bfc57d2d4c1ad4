//! Staff members.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod read;
pub(crate) mod tokens;

use std::collections::BTreeSet;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::staff::ServiceScope;
use engage_domain::{StaffId, StaffMember, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::validation::Validation;

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
    /// E-mail address for notifications. Null for a `SERVICE` member.
    #[schema(example = "sam@example.com")]
    email: Option<String>,
    /// `SERVICE`, or `AGENT`, `SUPERVISOR` or `ADMIN`, which each include the permissions of the
    /// lower ones.
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
    /// Scopes of a `SERVICE` member. Absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, example = json!(["cases.open", "cases.reply"]))]
    scopes: Option<Vec<&'static str>>,
    /// Ids of the members on whose behalf a `SERVICE` member may write. Absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["staff-456"]))]
    acts_for: Option<Vec<String>>,
}

/// Problem of a field that only people have.
pub(crate) const NOT_OF_SERVICE: &str = "must be absent for a SERVICE member";

/// Problem of a field that only machines have.
pub(crate) const ONLY_OF_SERVICE: &str = "is only for SERVICE members";

/// Maximum number of members on whose behalf a machine may write.
const MOST_REPRESENTED: usize = 1000;

fn scopes_of(member: &StaffMember) -> Option<Vec<&'static str>> {
    let scopes = member.service.scopes.iter().map(|scope| scope.as_str());
    member.is_service().then(|| scopes.collect())
}

fn acts_for_of(member: &StaffMember) -> Option<Vec<String>> {
    let ids = member.service.acts_for.iter().map(ToString::to_string);
    member.is_service().then(|| ids.collect())
}

/// Reads the scopes of a machine.
fn read_scopes(v: &mut Validation, given: &[String]) -> BTreeSet<ServiceScope> {
    let read: Vec<_> = given.iter().map(|scope| scope.trim().parse()).collect();
    if read.iter().any(Result::is_err) {
        v.not_one_of("scopes", ServiceScope::SPELLINGS.to_vec());
    }
    read.into_iter().flatten().collect()
}

/// Reads the ids of the members on whose behalf a machine may write.
fn read_acts_for(v: &mut Validation, given: &[String]) -> BTreeSet<StaffId> {
    let read: Vec<Result<StaffId, _>> = given.iter().map(|id| id.parse()).collect();
    if given.len() > MOST_REPRESENTED {
        v.problem("actsFor", format!("must have at most {MOST_REPRESENTED} ids"));
    } else if read.iter().any(Result::is_err) {
        v.problem("actsFor", "must have only ids of staff members");
    }
    read.into_iter().flatten().collect()
}

impl From<StaffMember> for MemberBody {
    fn from(member: StaffMember) -> Self {
        Self {
            active: member.is_active(),
            email: member.address().map(ToString::to_string),
            scopes: scopes_of(&member),
            acts_for: acts_for_of(&member),
            id: member.id.to_string(),
            name: member.name.into(),
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
