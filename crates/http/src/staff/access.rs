//! Authentication and authorization of staff.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use engage_application::{
    Authenticate, AuthenticatedStaff, Authority, CaseCommand, ChangeOptions, FailedLogins,
    Initiator, Requester,
};
use engage_domain::{CaseNumber, Role, StaffMember, StaffRef};
use engage_identity::Credential;

use crate::change_headers::Caller;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::inspection::repeated_headers;
use crate::middleware::{QuotaExceeded, RemainingQuota, take_for_token};
use crate::request_context::ClientAddress;
use crate::request_id::current_request_id;
use crate::use_cases::StaffUseCases;

/// Holds the staff use cases. They can only be reached through [`Staff`].
#[derive(Clone)]
pub(crate) struct StaffGate {
    authenticate: Authenticate,
    failed: FailedLogins,
    use_cases: Arc<StaffUseCases>,
}

impl StaffGate {
    pub(crate) fn new(authenticate: Authenticate, use_cases: StaffUseCases) -> Self {
        let failed = FailedLogins::new(use_cases.audit.clone());
        Self { authenticate, failed, use_cases: Arc::new(use_cases) }
    }
}

/// Authenticates staff before routing, so that others cannot even learn which paths exist.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (authenticated, quota) = match authenticate_request(&request).await {
        Ok(found) => found,
        Err(error) => return Ok(request.error_response(error)),
    };
    let left = match quota.transpose() {
        Ok(left) => left,
        Err(used_up) => return Ok(used_up.refuse(request)),
    };
    request.extensions_mut().insert(authenticated);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(left) = left {
        left.write(response.headers_mut());
    }
    Ok(response)
}

/// Returns the owner of the token, and the remainder of its quota if there are limits.
async fn authenticate_request(
    request: &ServiceRequest,
) -> Result<(AuthenticatedStaff, Option<Result<RemainingQuota, QuotaExceeded>>), ApiError> {
    // With two tokens, it is ambiguous which one counts.
    let repeated = repeated_headers(request.headers());
    if request.headers().get_all(header::AUTHORIZATION).nth(1).is_some() {
        return Err(ApiError::Validation(repeated));
    }
    let shown = bearer_token(request.headers()).ok_or(ApiError::Unauthorized)?;
    let token = shown.to_owned();
    let gate = request.app_data::<web::Data<StaffGate>>().ok_or(ApiError::Internal)?;
    let authenticate = gate.authenticate.clone();
    let authenticated = in_time(async move { authenticate.execute(&token).await }).await?;
    let Some(authenticated) = authenticated else {
        if let Some(ClientAddress(address)) = request.extensions().get().copied() {
            gate.failed.note(address, current_request_id());
        }
        return Err(ApiError::Unauthorized);
    };
    Ok((authenticated, take_for_token(request, shown)))
}

/// Returns the token after the scheme `Bearer`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// A required role, as a type.
pub(crate) trait Needs {
    const ROLE: Role;
}

/// Requires any staff member.
pub(crate) struct Agent;

impl Needs for Agent {
    const ROLE: Role = Role::Agent;
}

/// Requires a supervisor.
pub(crate) struct Supervisor;

impl Needs for Supervisor {
    const ROLE: Role = Role::Supervisor;
}

/// Requires an administrator.
pub(crate) struct Admin;

impl Needs for Admin {
    const ROLE: Role = Role::Admin;
}

/// A staff member with the required role, and the use cases.
///
/// A handler cannot reach the staff use cases without this extractor.
pub(crate) struct Staff<R> {
    authenticated: AuthenticatedStaff,
    authority: Option<Box<Authority>>,
    address: Option<IpAddr>,
    use_cases: Arc<StaffUseCases>,
    role: PhantomData<R>,
}

impl<R> Staff<R> {
    pub(crate) fn use_cases(&self) -> Arc<StaffUseCases> {
        Arc::clone(&self.use_cases)
    }

    pub(crate) fn member(&self) -> &StaffMember {
        &self.authenticated.member
    }

    /// Returns the credential that authenticated the member.
    pub(crate) fn credential(&self) -> Credential {
        self.authenticated.credential
    }

    /// Returns the member, credential, address and request id for the audit log.
    pub(crate) fn initiator(&self) -> Initiator {
        Initiator::staff(&self.authenticated, self.address, current_request_id())
    }

    pub(crate) fn authenticated(&self) -> &AuthenticatedStaff {
        &self.authenticated
    }

    /// Prevents an administrator whose role comes only from the identity provider from appointing
    /// administrators, which would make the role permanent through another member.
    pub(crate) fn may_give(&self, role: Option<Role>) -> Result<(), ApiError> {
        if role == Some(Role::Admin) && self.authenticated.is_admin_by_claim_alone() {
            return Err(ApiError::AdminByClaim);
        }
        Ok(())
    }

    /// Returns the member as the owner of idempotency keys.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller::Staff(&self.member().id)
    }

    /// Builds the member's command to change a case.
    pub(crate) fn command(&self, number: CaseNumber, options: ChangeOptions) -> CaseCommand {
        let (member, authority) = (self.to_ref(), self.authority.clone());
        CaseCommand { number, requester: Requester::Staff { member, authority }, options }
    }

    pub(crate) fn to_ref(&self) -> StaffRef {
        self.member().to_ref()
    }
}

impl<R: Needs> FromRequest for Staff<R> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authenticated = request.extensions().get::<AuthenticatedStaff>().cloned();
        let address = request.extensions().get().map(|ClientAddress(address)| *address);
        let gate = request.app_data::<web::Data<StaffGate>>();
        ready(match (authenticated, gate) {
            (Some(authenticated), Some(gate)) => {
                let use_cases = Arc::clone(&gate.use_cases);
                let authority = bearer_token(request.headers()).map(|token| {
                    Box::new(Authority::new(
                        gate.authenticate.clone(),
                        token,
                        authenticated.clone(),
                    ))
                });
                require(R::ROLE, authenticated.member.role).map(|()| Self {
                    authenticated,
                    authority,
                    address,
                    use_cases,
                    role: PhantomData,
                })
            }
            _ => Err(ApiError::Unauthorized),
        })
    }
}

/// Checks later whether the token of a request is still valid.
#[derive(Clone)]
pub(crate) struct Recheck {
    authenticate: Authenticate,
    token: String,
}

impl Recheck {
    pub(crate) async fn is_valid(&self) -> Result<bool, ApiError> {
        let Self { authenticate, token } = self.clone();
        let authenticated = in_time(async move { authenticate.execute(&token).await }).await?;
        Ok(authenticated.is_some())
    }
}

impl FromRequest for Recheck {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gate = request.app_data::<web::Data<StaffGate>>();
        let token = bearer_token(request.headers());
        ready(match (gate, token) {
            (Some(gate), Some(token)) => {
                Ok(Self { authenticate: gate.authenticate.clone(), token: token.to_owned() })
            }
            _ => Err(ApiError::Unauthorized),
        })
    }
}

/// Fails if the role is below the required one. Each role includes the permissions of the lower
/// ones.
pub(crate) fn require(needed: Role, role: Role) -> Result<(), ApiError> {
    if role < needed { Err(ApiError::Forbidden { required: needed }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_role_satisfies_itself_and_lower_ones() {
        for (place, &needed) in Role::ALL.iter().enumerate() {
            for (other, &role) in Role::ALL.iter().enumerate() {
                match require(needed, role) {
                    Ok(()) => assert!(other >= place, "{role} where {needed} is needed"),
                    Err(ApiError::Forbidden { required }) => {
                        assert!(other < place, "{role} where {needed} is needed");
                        assert_eq!(required, needed);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }

    #[actix_web::test]
    async fn an_unauthenticated_request_gets_no_use_cases() {
        let request = TestRequest::default().to_http_request();
        let staff = Staff::<Agent>::from_request(&request, &mut Payload::None).await;
        assert!(matches!(staff, Err(ApiError::Unauthorized)));
    }

    #[test]
    fn the_token_follows_the_bearer_scheme() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("abc", None),
            ("Bearerabc", None),
        ] {
            let request = TestRequest::default().insert_header((header::AUTHORIZATION, value));
            let request = request.to_srv_request();
            assert_eq!(bearer_token(request.headers()), token, "{value}");
        }
        assert_eq!(bearer_token(&HeaderMap::new()), None);
    }
}
