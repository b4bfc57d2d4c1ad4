use actix_web::{HttpResponse, get};
use engage_domain::Timestamp;
use engage_identity::Credential;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Agent, Staff};
use super::members::MemberBody;
use crate::error::ApiError;

/// The member of staff who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeResponse {
    success: bool,
    /// With the role that they have for this request.
    staff: MemberBody,
    authentication: AuthenticationBody,
}

/// How the member was recognised.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthenticationBody {
    method: MethodBody,
    /// Which of Engage's tokens it is.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    token_id: Option<String>,
    /// From when on it is void; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// `TOKEN`, one that Engage made; or `JWT`, one of an identity provider.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum MethodBody {
    Token,
    Jwt,
}

impl From<Credential> for AuthenticationBody {
    fn from(credential: Credential) -> Self {
        match credential {
            Credential::Token { id, expires_at, .. } => {
                Self { method: MethodBody::Token, token_id: Some(id.to_string()), expires_at }
            }
            Credential::Jwt { expires_at } => {
                Self { method: MethodBody::Jwt, token_id: None, expires_at: Some(expires_at) }
            }
        }
    }
}

/// See who you are.
///
/// The member whose token it is, the role that the token gives, and how long it is valid.
#[utoipa::path(
    security(("staffToken" = [])),
    responses(
        (status = 200, description = "The member who asks.", body = MeResponse),
    ),
)]
#[get("/me")]
pub(crate) async fn get_me(staff: Staff<Agent>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(MeResponse {
        success: true,
        staff: staff.member().clone().into(),
        authentication: staff.credential().into(),
    }))
}
