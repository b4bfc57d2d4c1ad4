use actix_web::{HttpResponse, post};
use engage_application::{NewMember, NewService};
use engage_domain::Role;
use engage_domain::staff::ServiceAccess;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MemberResponse, NOT_OF_SERVICE, ONLY_OF_SERVICE, read_acts_for, read_scopes};
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
    /// from the address, or from the name of a `SERVICE` member.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_-]+$", example = "staff-456")]
    id: Option<String>,
    /// Display name.
    #[schema(required, value_type = String, min_length = 1, max_length = 200, example = "Sam Jones")]
    name: Option<String>,
    /// E-mail address for notifications. It must be unique among all members, active or not.
    /// Required, except for a `SERVICE` member, who has none.
    #[schema(max_length = 254, example = "sam@example.com")]
    email: Option<String>,
    /// `AGENT`, `SUPERVISOR` or `ADMIN`, or `SERVICE` for a machine. A member never changes between
    /// `SERVICE` and the others.
    #[schema(required, value_type = String, example = "AGENT")]
    role: Option<String>,
    /// Department of the member.
    #[schema(max_length = 100, example = "Technical Support")]
    department: Option<String>,
    /// Phone number for urgent text messages, in international format. A `SERVICE` member has none.
    #[schema(example = "+15550100456")]
    phone: Option<String>,
    /// Scopes of a `SERVICE` member. None by default.
    #[schema(example = json!(["cases.open", "cases.reply"]))]
    scopes: Option<Vec<String>>,
    /// Members on whose behalf a `SERVICE` member may write. None by default.
    #[schema(max_items = 1000, example = json!(["staff-456"]))]
    acts_for: Option<Vec<String>>,
}

/// A person or a machine to add.
enum New {
    Person(NewMember),
    Service(NewService),
}

impl New {
    fn role(&self) -> Role {
        match self {
            Self::Person(new) => new.role,
            Self::Service(_) => Role::Service,
        }
    }
}

impl AddStaffRequest {
    fn validate(&self) -> Result<New, ApiError> {
        let mut v = Validation::default();
        let is_service = self.is_service();
        let id = v.optional("id", self.id.as_deref());
        let name = v.required("name", self.name.as_deref());
        let email = if is_service {
            refuse(&mut v, "email", self.email.is_some(), NOT_OF_SERVICE);
            None
        } else {
            v.required("email", self.email.as_deref())
        };
        let role = v.required_word("role", self.role.as_deref());
        let department = v.optional("department", self.department.as_deref());
        if is_service {
            refuse(&mut v, "phone", self.phone.is_some(), NOT_OF_SERVICE);
            let scopes = read_scopes(&mut v, self.scopes.as_deref().unwrap_or_default());
            let acts_for = read_acts_for(&mut v, self.acts_for.as_deref().unwrap_or_default());
            let service = ServiceAccess { scopes, acts_for };
            let new = name.map(|name| NewService { id, name, department, service });
            return v.finish(new.map(New::Service));
        }
        let phone = v.optional("phone", self.phone.as_deref());
        refuse(&mut v, "scopes", self.scopes.is_some(), ONLY_OF_SERVICE);
        refuse(&mut v, "actsFor", self.acts_for.is_some(), ONLY_OF_SERVICE);
        let new = name.zip(email).zip(role);
        let new =
            new.map(|((name, email), role)| NewMember { id, name, email, role, department, phone });
        v.finish(new.map(New::Person))
    }

    fn is_service(&self) -> bool {
        let role = self.role.as_deref().map(str::trim);
        role.and_then(|role| role.parse().ok()) == Some(Role::Service)
    }
}

/// Notes a problem if a field is given that only members of the other kind have.
fn refuse(v: &mut Validation, field: &'static str, is_given: bool, problem: &str) {
    if is_given {
        v.problem(field, problem);
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
    staff.may_give(Some(new.role()))?;
    let (manage, by) = (staff.use_cases().manage_staff.clone(), staff.initiator());
    let add = async move {
        match new {
            New::Person(new) => manage.add(new, &by).await,
            New::Service(new) => manage.add_service(new, &by).await,
        }
    };
    let member = in_time(add).await?;
    Ok(HttpResponse::Ok().json(MemberResponse::from(member)))
}
