use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post};
use engage_application::{Initiator, IssuedToken, ManageTokens, NewToken, TokenMaker};
use engage_domain::{Role, StaffId, Timestamp, TokenId};
use engage_repository::{RemovedToken, StaffToken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MemberInPath;
use super::read::truth;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{Agent, Staff, require};
use crate::validation::Validation;

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TokenBody {
    /// Identifies the token; it is not the token itself.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    id: String,
    /// What it is for.
    #[schema(example = "Laptop")]
    name: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is void; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// The highest role that it gives: its maker's when it was made. Null for its owner's.
    #[schema(example = "AGENT")]
    role_ceiling: Option<&'static str>,
    /// The token that it was made with, and ends with.
    #[schema(example = "tok_01jjg00000e008000000000000")]
    parent_id: Option<String>,
    /// The member who made it; null for the command line.
    #[schema(example = "staff-456")]
    made_by: Option<String>,
    /// When it was revoked; null for one that was not.
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

/// The tokens of a member of staff.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensResponse {
    success: bool,
    /// The oldest first; those that have expired among them.
    tokens: Vec<TokenBody>,
}

/// A new token with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedTokenResponse {
    success: bool,
    /// What is to be sent as `Authorization: Bearer <token>`.
    #[schema(
        pattern = "^eng_[0-9a-f]{64}$",
        example = "eng_4f1d0c9e5b7a3826d4e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9"
    )]
    token: String,
    /// Identifies the token, to revoke it by.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    id: String,
    /// What it is for.
    #[schema(example = "Laptop")]
    name: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is void; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// The highest role that it gives; null for its owner's.
    #[schema(example = "AGENT")]
    role_ceiling: Option<&'static str>,
    /// The token that it was made with, and ends with.
    #[schema(example = "tok_01jjg00000e008000000000000")]
    parent_id: Option<String>,
    /// The member who made it; null for the command line.
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

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssueTokenRequest {
    /// What it is for.
    #[schema(max_length = 100, example = "Laptop")]
    name: Option<String>,
    /// From when on it is void (RFC 3339), in the future; left out, after `tokens.default_life`. What
    /// is later than its maker may give is cut to that.
    #[schema(format = DateTime, example = "2036-01-27T10:00:00Z")]
    expires_at: Option<String>,
}

impl IssueTokenRequest {
    fn validate(&self, staff_id: StaffId) -> Result<NewToken, ApiError> {
        let mut v = Validation::default();
        let name = v.optional("name", self.name.as_deref());
        // Left out it is the longest life there is.
        v.refuse_blank("expiresAt", self.expires_at.as_deref());
        let expires_at = v.optional("expiresAt", self.expires_at.as_deref());
        v.finish(Some(NewToken { staff_id, name, expires_at }))
    }
}

/// The token is void.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedResponse {
    success: bool,
}

/// Tokens are void.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedTokensResponse {
    success: bool,
    /// How many, those that were made with them included.
    revoked: u64,
}

/// The tokens of the member that the path names, for those who may manage them: everybody their own,
/// and administrators those of others.
pub(crate) struct TokensInPath {
    manage: ManageTokens,
    owner: StaffId,
    maker: TokenMaker,
    by: Initiator,
}

impl TokensInPath {
    fn of(staff: &Staff<Agent>, owner: StaffId) -> Result<Self, ApiError> {
        if staff.member().id != owner {
            require(Role::Admin, staff.member().role)?;
        }
        let maker = TokenMaker::Staff(Box::new(staff.recognised().clone()));
        let by = staff.initiator();
        Ok(Self { manage: staff.use_cases().manage_tokens.clone(), owner, maker, by })
    }
}

impl FromRequest for TokensInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let staff = Staff::<Agent>::from_request(request, payload).into_inner();
        let owner = MemberInPath::from_request(request, payload).into_inner();
        ready(staff.and_then(|staff| Self::of(&staff, owner?.0)))
    }
}

/// The token that the path names.
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

/// List the tokens of a member of staff.
///
/// Everybody sees their own; those of others need the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("staffId" = String, Path, description = "The member's id.", example = "staff-456"),
        ("revoked" = Option<bool>, Query, description = "`true`: those that were revoked instead, the \
            last revoked first, 100 at most."),
    ),
    responses(
        (status = 200, description = "The tokens, without their secrets.", body = TokensResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[get("/staff/{staffId}/tokens")]
pub(crate) async fn list_tokens(
    tokens: TokensInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let TokensInPath { manage, owner, .. } = tokens;
    let mut v = Validation::default();
    let revoked = query.one("revoked", &mut v).and_then(|text| truth("revoked", text, &mut v));
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

/// Make a token for a member of staff.
///
/// Everybody may make their own, 100 at most: it gives at most the role and the time of what the request
/// shows, and is void with that. Those of others need the role `ADMIN`, as Engage knows it and not an
/// identity provider alone; they give what their owner may do. The answer is the only one that has the
/// secret.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("staffId" = String, Path, description = "The member's id.", example = "staff-456")),
    request_body = IssueTokenRequest,
    responses(
        (status = 200, description = "The token and its secret.", body = IssuedTokenResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`: nobody active has the id.", body = ErrorBody),
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
/// It is void from the next request on, and so are all that were made with it. Everybody may revoke their
/// own; those of others need the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("staffId" = String, Path, description = "The member's id.", example = "staff-456"),
        ("tokenId" = String, Path, description = "The token's id.", example = "tok_01jjg00000e008000000000001"),
    ),
    responses(
        (status = 200, description = "It is void.", body = RevokedResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`TOKEN_NOT_FOUND`: the member has no such token; or \
            `STAFF_NOT_FOUND`.", body = ErrorBody),
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

/// Revoke the tokens that somebody made.
///
/// All of the member's that `madeBy` made, and all that were made with these, such as when the maker's
/// access fell into wrong hands. Everybody may revoke their own; those of others need the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("staffId" = String, Path, description = "The member's id.", example = "staff-456"),
        ("madeBy" = String, Query, description = "The id of the member who made them.", example = "staff-123"),
    ),
    responses(
        (status = 200, description = "They are void.", body = RevokedTokensResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND`.", body = ErrorBody),
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

/// Give a token another secret.
///
/// The token stays what it is: its id, role, expiry, and what was made with it. The secret before is good
/// for 24 hours more, but for rotating. A token is rotated with itself or with one that it was made with;
/// by a token of an identity provider, when it gives no more than that. Those of others need the role
/// `ADMIN`, as Engage knows it and not an identity provider alone.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("staffId" = String, Path, description = "The member's id.", example = "staff-456"),
        ("tokenId" = String, Path, description = "The token's id.", example = "tok_01jjg00000e008000000000001"),
    ),
    responses(
        (status = 200, description = "The token and its new secret.", body = IssuedTokenResponse),
        (status = 403, description = "`FORBIDDEN` or `TOKEN_NOT_ROTATABLE`.", body = ErrorBody),
        (status = 404, description = "`TOKEN_NOT_FOUND`: the member has no such token; or \
            `STAFF_NOT_FOUND`.", body = ErrorBody),
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
