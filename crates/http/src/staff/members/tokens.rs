use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post};
use engage_application::{Initiator, IssuedToken, ManageTokens, NewToken, TokenMaker};
use engage_domain::{Permission, Role, StaffId, Timestamp, TokenId};
use engage_repository::{RemovedToken, StaffToken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MemberInPath;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{ManageOwnTokens, Required, Staff, require};
use crate::validation::Validation;

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TokenBody {
    /// Id of the token. It is not the token itself.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    id: String,
    /// Purpose of the token.
    #[schema(example = "Laptop")]
    name: Option<String>,
    /// Time at which the token was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Expiry of the token. Null if it does not expire.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Time of the last use, to the minute. Null if it was never used.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// Highest role that the token grants: its creator's role at creation. Null means the role of
    /// its owner.
    #[schema(example = "AGENT")]
    role_ceiling: Option<&'static str>,
    /// Token that was used to create this one. Revoking that one revokes this one.
    #[schema(example = "tok_01jjg00000e008000000000000")]
    parent_id: Option<String>,
    /// Id of the member who created the token. Null for the command line.
    #[schema(example = "staff-456")]
    made_by: Option<String>,
    /// Time at which the token was revoked. Null if it was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl From<RemovedToken> for TokenBody {
    fn from(removed: RemovedToken) -> Self {
        Self { revoked_at: Some(removed.removed_at), ..removed.token.into() }
    }
}

impl From<StaffToken> for TokenBody {
    fn from(token: StaffToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.map(Into::into),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            role_ceiling: token.role_ceiling.map(Role::as_str),
            parent_id: token.parent.map(|id| id.to_string()),
            made_by: token.made_by.map(|id| id.to_string()),
            revoked_at: None,
        }
    }
}

/// The tokens of a staff member.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensResponse {
    success: bool,
    /// Tokens, oldest first, including expired ones.
    tokens: Vec<TokenBody>,
}

/// A new token with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedTokenResponse {
    success: bool,
    /// Secret to send as `Authorization: Bearer <token>`.
    #[schema(
        pattern = "^eng_[0-9a-f]{64}$",
        example = "eng_4f1d0c9e5b7a3826d4e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9"
    )]
    token: String,
    /// Id of the token, needed to revoke it.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    id: String,
    /// Purpose of the token.
    #[schema(example = "Laptop")]
    name: Option<String>,
    /// Time at which the token was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Expiry of the token. Null if it does not expire.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Highest role that the token grants. Null means the role of its owner.
    #[schema(example = "AGENT")]
    role_ceiling: Option<&'static str>,
    /// Token that was used to create this one. Revoking that one revokes this one.
    #[schema(example = "tok_01jjg00000e008000000000000")]
    parent_id: Option<String>,
    /// Id of the member who created the token. Null for the command line.
    #[schema(example = "staff-456")]
    made_by: Option<String>,
}

impl From<IssuedToken> for IssuedTokenResponse {
    fn from(IssuedToken { token, secret }: IssuedToken) -> Self {
        Self {
            success: true,
            token: secret.expose().to_owned(),
            id: token.id.to_string(),
            name: token.name.map(Into::into),
            created_at: token.created_at,
            expires_at: token.expires_at,
            role_ceiling: token.role_ceiling.map(Role::as_str),
            parent_id: token.parent.map(|id| id.to_string()),
            made_by: token.made_by.map(|id| id.to_string()),
        }
    }
}

/// A token to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssueTokenRequest {
    /// Purpose of the token.
    #[schema(max_length = 100, example = "Laptop")]
    name: Option<String>,
    /// Expiry of the token (RFC 3339), in the future. By default `tokens.default_life` from now. A
    /// time later than its creator may grant is shortened.
    #[schema(format = DateTime, example = "2036-01-27T10:00:00Z")]
    expires_at: Option<String>,
}

impl IssueTokenRequest {
    fn validate(&self, staff_id: StaffId) -> Result<NewToken, ApiError> {
        let mut v = Validation::default();
        let name = v.optional("name", self.name.as_deref());
        // Omitting it grants the longest lifetime.
        v.refuse_blank("expiresAt", self.expires_at.as_deref());
        let expires_at = v.optional("expiresAt", self.expires_at.as_deref());
        v.finish(Some(NewToken { staff_id, name, expires_at }))
    }
}

/// The token was revoked.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedResponse {
    success: bool,
}

/// The tokens were revoked.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedTokensResponse {
    success: bool,
    /// Number of revoked tokens, including those created with them.
    revoked: u64,
}

/// Tokens of the member in the path. Members may manage their own tokens, and administrators all
/// tokens.
pub(crate) struct TokensInPath {
    manage: ManageTokens,
    owner: StaffId,
    maker: TokenMaker,
    by: Initiator,
}

impl TokensInPath {
    fn of(staff: &Staff<ManageOwnTokens>, owner: StaffId) -> Result<Self, ApiError> {
        if staff.member().id != owner {
            require(Permission::ManageTokensOfOthers, staff.member())?;
        }
        let maker = TokenMaker::Staff(Box::new(staff.authenticated().clone()));
        let by = staff.initiator();
        Ok(Self { manage: staff.use_cases().manage_tokens.clone(), owner, maker, by })
    }
}

impl FromRequest for TokensInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let staff = Staff::<ManageOwnTokens>::from_request(request, payload).into_inner();
        let owner = MemberInPath::from_request(request, payload).into_inner();
        ready(staff.and_then(|staff| Self::of(&staff, owner?.0)))
    }
}

/// The token in the path.
pub(crate) struct TokenInPath(TokenId);

impl FromRequest for TokenInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("tokenId");
        let id = text.parse().map_err(|_| ApiError::TokenNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}

/// List the tokens of a staff member.
///
/// You can list your own tokens. Those of others require the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [ManageOwnTokens::ROLE])),
    params(
        ("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456"),
        ("revoked" = Option<bool>, Query, description = "`true` for the revoked tokens instead: at most 100, last revoked first."),
    ),
    responses(
        (status = 200, description = "The tokens, without their secrets.", body = TokensResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[get("/staff/{staffId}/tokens")]
pub(crate) async fn list_tokens(
    tokens: TokensInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, .. } = tokens;
    let mut v = Validation::default();
    let revoked = query.truth("revoked", &mut v);
    v.finish(Some(()))?;
    let tokens = if revoked == Some(true) {
        let removed = in_time(async move { manage.list_removed(&owner).await }).await?;
        removed.into_iter().map(TokenBody::from).collect()
    } else {
        let tokens = in_time(async move { manage.list(&owner).await }).await?;
        tokens.into_iter().map(TokenBody::from).collect()
    };
    Ok(HttpResponse::Ok().json(TokensResponse { success: true, tokens }))
}

/// Create a token for a staff member.
///
/// You can create up to 100 tokens for yourself. Such a token grants at most the role and lifetime
/// of the token in the request, and is revoked with it. Creating tokens for others requires the
/// role `ADMIN`, assigned in Engage and not by an identity provider alone. Those tokens grant the
/// role of their owner. Only this response contains the secret.
#[utoipa::path(
    security(("staffToken" = [ManageOwnTokens::ROLE])),
    params(("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456")),
    request_body = IssueTokenRequest,
    responses(
        (status = 200, description = "The token and its secret.", body = IssuedTokenResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 409, description = "`TOO_MANY_TOKENS`.", body = ErrorBody),
    ),
)]
#[post("/staff/{staffId}/tokens")]
pub(crate) async fn issue_token(
    tokens: TokensInPath,
    body: JsonBody<IssueTokenRequest>,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, maker, by } = tokens;
    let new = body.0.validate(owner)?;
    let issued = in_time(async move { manage.issue(new, &maker, &by).await }).await?;
    Ok(HttpResponse::Ok().json(IssuedTokenResponse::from(issued)))
}

/// Revoke a token.
///
/// The token and all tokens created with it stop working at once. You can revoke your own tokens.
/// Those of others require the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [ManageOwnTokens::ROLE])),
    params(
        ("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456"),
        ("tokenId" = String, Path, description = "Id of the token.", example = "tok_01jjg00000e008000000000001"),
    ),
    responses(
        (status = 200, description = "The token was revoked.", body = RevokedResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[delete("/staff/{staffId}/tokens/{tokenId}")]
pub(crate) async fn revoke_token(
    tokens: TokensInPath,
    token: TokenInPath,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, by, .. } = tokens;
    in_time(async move { manage.revoke(&owner, token.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(RevokedResponse { success: true }))
}

/// Revoke the tokens that someone created.
///
/// Revokes all tokens of the member that `madeBy` created, and all tokens created with these, for
/// example after the creator's access was compromised. You can revoke your own tokens. Those of
/// others require the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [ManageOwnTokens::ROLE])),
    params(
        ("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456"),
        ("madeBy" = String, Query, description = "Id of the member who created the tokens.", example = "staff-123"),
    ),
    responses(
        (status = 200, description = "The tokens were revoked.", body = RevokedTokensResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[delete("/staff/{staffId}/tokens")]
pub(crate) async fn revoke_tokens(
    tokens: TokensInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, by, .. } = tokens;
    let mut v = Validation::default();
    let given = query.one("madeBy", &mut v);
    let made_by: Option<StaffId> = v.required("madeBy", given);
    let made_by = v.finish(made_by)?;
    let revoked = async move { manage.revoke_made_by(&owner, &made_by, &by).await };
    let revoked = in_time(revoked).await?;
    Ok(HttpResponse::Ok().json(RevokedTokensResponse { success: true, revoked }))
}

/// Rotate the secret of a token.
///
/// The id, role, expiry and derived tokens do not change. The previous secret works for another 24
/// hours, but not for rotation. Rotate a token with itself or with the token it was created with. A
/// token of an identity provider also works, unless the rotated token grants more. Tokens of others
/// require the role `ADMIN`, assigned in Engage and not by an identity provider alone.
#[utoipa::path(
    security(("staffToken" = [ManageOwnTokens::ROLE])),
    params(
        ("staffId" = String, Path, description = "Id of the staff member.", example = "staff-456"),
        ("tokenId" = String, Path, description = "Id of the token.", example = "tok_01jjg00000e008000000000001"),
    ),
    responses(
        (status = 200, description = "The token and its new secret.", body = IssuedTokenResponse),
        (status = 403, description = "`FORBIDDEN` or `TOKEN_NOT_ROTATABLE`.", body = ErrorBody),
    ),
)]
#[post("/staff/{staffId}/tokens/{tokenId}/rotate")]
pub(crate) async fn rotate_token(
    tokens: TokensInPath,
    token: TokenInPath,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, maker, by } = tokens;
    let rotated = async move { manage.rotate(&owner, token.0, &maker, &by).await };
    let rotated = in_time(rotated).await?;
    Ok(HttpResponse::Ok().json(IssuedTokenResponse::from(rotated)))
}
