use std::sync::Arc;

use engage_application::{Authenticate, AuthenticatedStaff};
use engage_domain::{Role, StaffMember};
use engage_identity::{
    Bearer, Credential, CredentialVerifier, Identity, MemberName, MockCredentialVerifier,
    VerifierError,
};
use engage_repository::{MockStaffRepository, RepositoryError};
use engage_testkit::builders::{a_staff_member, minutes_later};
use mockall::predicate::eq;

use crate::setup::{a_clock_at, no_connection};

fn a_credential() -> Credential {
    Credential::Jwt { expires_at: minutes_later(60) }
}

/// A verifier that expects one call, at the current time, and returns this identity.
fn saying(identity: Option<Identity>) -> Arc<dyn CredentialVerifier> {
    let mut verifier = MockCredentialVerifier::new();
    verifier.expect_verify().with(eq("shown"), eq(minutes_later(5))).once().return_once(
        move |_, _| Ok(identity.map(|identity| Bearer { identity, credential: a_credential() })),
    );
    Arc::new(verifier)
}

fn never_called() -> Arc<dyn CredentialVerifier> {
    Arc::new(MockCredentialVerifier::new())
}

fn a_member(member: StaffMember) -> Identity {
    Identity::Member { member, role_ceiling: None }
}

fn named(name: MemberName, role: Option<Role>) -> Identity {
    Identity::Named { name, role }
}

fn ann_by_id() -> MemberName {
    MemberName::Id("ann".parse().unwrap())
}

/// Storage that finds this member by the id or email address of Ann.
fn finding(member: Option<StaffMember>) -> MockStaffRepository {
    let ann = a_staff_member("ann");
    let mut staff = MockStaffRepository::new();
    let found = member.clone();
    staff.expect_find_staff().with(eq(ann.id)).returning(move |_| Ok(found.clone()));
    staff.expect_find_staff_by_email().with(eq(ann.email)).returning(move |_| Ok(member.clone()));
    staff
}

async fn authenticate(
    verifiers: Vec<Arc<dyn CredentialVerifier>>,
    staff: MockStaffRepository,
) -> Result<Option<AuthenticatedStaff>, VerifierError> {
    Authenticate::new(verifiers, Arc::new(staff), a_clock_at(5)).execute("shown").await
}

async fn authenticated(
    identity: Option<Identity>,
    staff: MockStaffRepository,
) -> Option<StaffMember> {
    let authenticated = authenticate(vec![saying(identity)], staff).await.unwrap()?;
    assert_eq!(authenticated.credential, a_credential());
    Some(authenticated.member)
}

#[tokio::test]
async fn a_member_read_with_the_credential_is_not_looked_up() {
    let ann = a_staff_member("ann");
    let member = authenticated(Some(a_member(ann.clone())), MockStaffRepository::new()).await;
    assert_eq!(member, Some(ann));
}

#[tokio::test]
async fn a_named_member_is_looked_up_by_id_or_address() {
    let ann = a_staff_member("ann");
    for name in [ann_by_id(), MemberName::Email(ann.email.clone())] {
        let member = authenticated(Some(named(name, None)), finding(Some(ann.clone()))).await;
        assert_eq!(member.as_ref(), Some(&ann));
    }
}

#[tokio::test]
async fn a_role_claim_replaces_the_registered_role() {
    let ben = StaffMember { role: Role::Supervisor, ..a_staff_member("ann") };
    for role in [Role::Agent, Role::Admin] {
        let member =
            authenticated(Some(named(ann_by_id(), Some(role))), finding(Some(ben.clone()))).await;
        assert_eq!(member, Some(StaffMember { role, ..ben.clone() }));
    }
    let member = authenticated(Some(named(ann_by_id(), None)), finding(Some(ben.clone()))).await;
    assert_eq!(member, Some(ben));
}

#[tokio::test]
async fn unknown_and_deactivated_members_are_not_authenticated() {
    let gone = StaffMember { deactivated_at: Some(minutes_later(1)), ..a_staff_member("ann") };
    let admin = Some(named(ann_by_id(), Some(Role::Admin)));
    assert_eq!(authenticated(admin.clone(), finding(Some(gone.clone()))).await, None);
    assert_eq!(authenticated(admin, finding(None)).await, None);
    assert_eq!(authenticated(Some(a_member(gone)), MockStaffRepository::new()).await, None);
}

#[tokio::test]
async fn verifiers_are_tried_in_order() {
    let ann = a_member(a_staff_member("ann"));
    let verifiers = vec![saying(None), saying(Some(ann)), never_called()];
    let authenticated = authenticate(verifiers, MockStaffRepository::new()).await.unwrap();
    assert_eq!(authenticated.map(|found| found.member), Some(a_staff_member("ann")));
    let verifiers = vec![saying(None), saying(None)];
    assert_eq!(authenticate(verifiers, MockStaffRepository::new()).await.unwrap(), None);
}

#[tokio::test]
async fn an_unavailable_look_up_is_an_error_rather_than_a_refusal() {
    let mut verifier = MockCredentialVerifier::new();
    verifier.expect_verify().once().returning(|_, _| Err(VerifierError::unavailable("no keys")));
    let verifiers: Vec<Arc<dyn CredentialVerifier>> = vec![Arc::new(verifier), never_called()];
    let outcome = authenticate(verifiers, MockStaffRepository::new()).await;
    assert!(matches!(outcome, Err(VerifierError::Unavailable(_))), "{outcome:?}");

    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Err(no_connection()));
    let outcome = authenticate(vec![saying(Some(named(ann_by_id(), None)))], staff).await;
    assert!(matches!(outcome, Err(VerifierError::Unavailable(_))), "{outcome:?}");

    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Err(RepositoryError::internal("torn")));
    let outcome = authenticate(vec![saying(Some(named(ann_by_id(), None)))], staff).await;
    assert!(matches!(outcome, Err(VerifierError::Internal(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_credential_grants_no_more_than_its_ceiling_and_its_owners_role() {
    for (registered, ceiling, expected) in [
        (Role::Admin, Some(Role::Agent), Role::Agent),
        (Role::Admin, Some(Role::Admin), Role::Admin),
        (Role::Agent, Some(Role::Admin), Role::Agent),
        (Role::Supervisor, None, Role::Supervisor),
    ] {
        let member = StaffMember { role: registered, ..a_staff_member("ann") };
        let identity = Identity::Member { member, role_ceiling: ceiling };
        let found = authenticate(vec![saying(Some(identity))], MockStaffRepository::new()).await;
        let found = found.unwrap().unwrap();
        assert_eq!((found.member.role, found.registered_role), (expected, registered));
        assert!(!found.is_admin_by_claim_alone());
    }
}

#[tokio::test]
async fn an_administrator_with_a_lower_registered_role_is_one_by_claim_alone() {
    for (registered, claim, by_claim) in [
        (Role::Agent, Role::Admin, true),
        (Role::Admin, Role::Admin, false),
        (Role::Admin, Role::Agent, false),
    ] {
        let member = StaffMember { role: registered, ..a_staff_member("ann") };
        let verifiers = vec![saying(Some(named(ann_by_id(), Some(claim))))];
        let found = authenticate(verifiers, finding(Some(member))).await.unwrap().unwrap();
        assert_eq!((found.member.role, found.is_admin_by_claim_alone()), (claim, by_claim));
    }
}

#[tokio::test]
async fn a_provider_token_is_identified_by_its_digest() {
    let verifiers = vec![saying(Some(a_member(a_staff_member("ann"))))];
    let found = authenticate(verifiers, MockStaffRepository::new()).await.unwrap().unwrap();
    // The first 64 bits of the SHA-256, as computed by sha256sum(1).
    assert_eq!(found.credential_id.to_string(), "jwt_baaf53622a51d975");
}
