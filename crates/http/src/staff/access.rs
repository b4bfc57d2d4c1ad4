//! Authentication and authorization of staff.

use std::fmt;
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
use engage_domain::{CaseNumber, Permission, Role, ServiceRef, StaffId, StaffMember, StaffRef};
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

/// A permission that a handler requires, as a type.
pub(crate) trait Required {
    const PERMISSION: Permission;
    /// The role and the scopes for the description of the handler.
    const ROLE: Requirement = Requirement(Self::PERMISSION);
}

/// Requirement of a permission, as text: the role, then the scopes of which a machine needs one.
pub(crate) struct Requirement(Permission);

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.required_role())?;
        self.0.scopes().iter().try_for_each(|scope| write!(f, " {scope}"))
    }
}

/// Declares a type for each permission that handlers require, since a value of an enum cannot be a
/// type argument.
macro_rules! permission_types {
    ($($name:ident)*) => { $(
        pub(crate) struct $name;

        impl Required for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )* };
}

permission_types! {
    ReadCases ChangeCases ReplyToCases UploadFiles OpenCases ExportCases ReadEventFeed
    RevokeCustomerAccess ReadNotifications ListColleagues ReadOwnRecord ManageOwnTokens RetryNotifications ManageSuppressions EraseCase ErasePerson RedactCase
    ManageStaff ManageWebhooks ReadAuditLog ReadContacts ChangeContacts ManageOrganizations ManageTags
}

/// A staff member with the required permission, and the use cases.
///
/// A handler cannot reach the staff use cases without this extractor.
pub(crate) struct Staff<P> {
    authenticated: AuthenticatedStaff,
    authenticate: Authenticate,
    authority: Option<Box<Authority>>,
    address: Option<IpAddr>,
    use_cases: Arc<StaffUseCases>,
    permission: PhantomData<P>,
}

impl<P> Staff<P> {
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

    /// Checks whether the member has a permission that depends on the data of the request.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.member().may(permission)
    }

    /// Fails if the member may not give others this role.
    pub(crate) fn may_give(&self, role: Option<Role>) -> Result<(), ApiError> {
        let may = role.is_none_or(|role| self.authenticated.may_give(role));
        if may { Ok(()) } else { Err(ApiError::AdminByClaim) }
    }

    /// Returns the member as the owner of idempotency keys.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller::Staff(&self.member().id)
    }

    /// Builds the member's command to change a case.
    pub(crate) fn command(&self, number: CaseNumber, options: ChangeOptions) -> CaseCommand {
        CaseCommand { number, requester: self.requester(), options }
    }

    /// Returns the member as the caller of a change.
    pub(crate) fn requester(&self) -> Requester {
        let (member, authority) = (self.to_ref(), self.authority.clone());
        if self.member().is_service() {
            let by = ServiceRef { machine: member, on_behalf_of: None };
            Requester::Service { by, authority }
        } else {
            Requester::Staff { member, authority }
        }
    }

    /// Returns the member as the caller of a change, on behalf of another one if a machine says so.
    /// Fails if it may not.
    pub(crate) async fn requester_for(
        &self,
        on_behalf_of: Option<StaffId>,
    ) -> Result<Requester, ApiError> {
        let Some(id) = on_behalf_of else { return Ok(self.requester()) };
        let (authenticate, machine) = (self.authenticate.clone(), self.member().clone());
        let found = in_time(async move { authenticate.on_behalf_of(&machine, &id).await }).await?;
        let authority = self.authority.clone();
        let authority = authority.map(|authority| Box::new(authority.on_behalf_of(&found.id)));
        let by = ServiceRef { machine: self.to_ref(), on_behalf_of: Some(found) };
        Ok(Requester::Service { by, authority })
    }

    pub(crate) fn to_ref(&self) -> StaffRef {
        self.member().to_ref()
    }
}

impl<P: Required> FromRequest for Staff<P> {
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
                require(P::PERMISSION, &authenticated.member).map(|()| Self {
                    authenticated,
                    authenticate: gate.authenticate.clone(),
                    authority,
                    address,
                    use_cases,
                    permission: PhantomData,
                })
            }
            _ => Err(ApiError::Unauthorized),
        })
    }
}

/// Checks later whether the token of a request still gives access to the events of all cases.
#[derive(Clone)]
pub(crate) struct Recheck {
    authenticate: Authenticate,
    token: String,
}

impl Recheck {
    pub(crate) async fn is_valid(&self) -> Result<bool, ApiError> {
        let Self { authenticate, token } = self.clone();
        let authenticated = in_time(async move { authenticate.execute(&token).await }).await?;
        let may = |found: AuthenticatedStaff| found.member.may(Permission::ReadEventFeed);
        Ok(authenticated.is_some_and(may))
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

/// Fails if the member does not have the permission.
pub(crate) fn require(permission: Permission, member: &StaffMember) -> Result<(), ApiError> {
    let required = permission.required_role();
    if member.may(permission) {
        Ok(())
    } else if member.is_service() {
        Err(ApiError::MissingScope { required, scopes: permission.scopes() })
    } else {
        Err(ApiError::Forbidden { required })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use engage_domain::Timestamp;
    use engage_domain::staff::{ServiceAccess, ServiceScope};

    fn machine() -> StaffMember {
        let (id, name) = ("gateway".parse().unwrap(), "Gateway".parse().unwrap());
        let scopes = [ServiceScope::CasesRead].into();
        let service = ServiceAccess { scopes, ..ServiceAccess::default() };
        StaffMember::new_service(id, name, service, Timestamp::EPOCH)
    }

    #[test]
    fn a_missing_scope_is_refused_with_those_of_which_one_is_required() {
        assert!(require(Permission::ReadCases, &machine()).is_ok());
        for (permission, expected) in [
            (Permission::ReplyToCases, &[ServiceScope::CasesReply][..]),
            (Permission::EraseCase, &[]),
        ] {
            match require(permission, &machine()) {
                Err(ApiError::MissingScope { required, scopes }) => {
                    assert_eq!((required, scopes), (permission.required_role(), expected));
                }
                outcome => panic!("{permission:?}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn a_missing_permission_is_refused_with_the_required_role() {
        for (permission, role, required) in [
            (Permission::ReadCases, Role::Agent, None),
            (Permission::RetryNotifications, Role::Agent, Some(Role::Supervisor)),
            (Permission::RetryNotifications, Role::Supervisor, None),
            (Permission::EraseCase, Role::Supervisor, Some(Role::Admin)),
            (Permission::EraseCase, Role::Admin, None),
        ] {
            let member = StaffMember { role, ..machine() };
            match (require(permission, &member), required) {
                (Ok(()), None) => {}
                (Err(ApiError::Forbidden { required }), Some(expected)) => {
                    assert_eq!(required, expected, "{role}: {permission:?}");
                }
                (outcome, _) => panic!("{role}: {permission:?}: {outcome:?}"),
            }
        }
    }

    #[actix_web::test]
    async fn an_unauthenticated_request_gets_no_use_cases() {
        let request = TestRequest::default().to_http_request();
        let staff = Staff::<ReadCases>::from_request(&request, &mut Payload::None).await;
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
