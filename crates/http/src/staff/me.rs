use actix_web::{HttpResponse, get};
use engage_domain::Timestamp;
use engage_identity::Credential;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{ReadOwnRecord, Required, Staff};
use super::members::MemberBody;
use crate::error::ApiError;

/// The authenticated staff member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeResponse {
    success: bool,
    /// The member, with the role that applies to this request.
    staff: MemberBody,
    authentication: AuthenticationBody,
}

/// Authentication of the request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthenticationBody {
    method: MethodBody,
    /// Id of the token, if it was issued by Engage.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    token_id: Option<String>,
    /// Expiry of the token. Null if it does not expire.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// `TOKEN` for a token issued by Engage, `JWT` for one of an identity provider.
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

/// Get your own staff record.
///
/// Returns the owner of the token, the role that the token grants, and its expiry.
#[utoipa::path(
    security(("staffToken" = [ReadOwnRecord::ROLE])),
    responses(
        (status = 200, description = "The authenticated staff member.", body = MeResponse),
    ),
)]
#[get("/me")]
pub(crate) async fn get_me(staff: Staff<ReadOwnRecord>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(MeResponse {
        success: true,
        staff: staff.member().clone().into(),
        authentication: staff.credential().into(),
    }))
}
