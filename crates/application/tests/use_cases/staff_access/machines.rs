use std::sync::Arc;

use engage_application::{Authenticate, AuthenticatedStaff, OnBehalfError};
use engage_domain::{Role, StaffMember};
use engage_identity::{Bearer, Credential, Identity, MemberName, MockCredentialVerifier};
use engage_repository::MockStaffRepository;
use engage_testkit::builders::{a_machine, a_staff_member, minutes_later};

use crate::setup::a_clock_at;

fn with(members: Vec<StaffMember>) -> Arc<MockStaffRepository> {
    let mut staff = MockStaffRepository::new();
    staff
        .expect_find_staff()
        .returning(move |id| Ok(members.iter().find(|member| member.id == *id).cloned()));
    Arc::new(staff)
}

/// Authenticates a token of an identity provider with a role claim.
async fn by_claim(member: StaffMember, role: Option<Role>) -> Option<AuthenticatedStaff> {
    let mut verifier = MockCredentialVerifier::new();
    let name = MemberName::Id(member.id.clone());
    verifier.expect_verify().return_once(move |_, _| {
        let credential = Credential::Jwt { expires_at: minutes_later(60) };
        Ok(Some(Bearer { identity: Identity::Named { name, role }, credential }))
    });
    let authenticate =
        Authenticate::new(vec![Arc::new(verifier)], with(vec![member]), a_clock_at(5));
    authenticate.execute("shown").await.unwrap()
}

#[tokio::test]
async fn a_machine_stays_one_whatever_its_role_claim() {
    for role in Role::ALL.iter().copied().map(Some).chain([None]) {
        let found = by_claim(a_machine("gateway", &[]), role).await.unwrap();
        assert_eq!((found.member.role, found.registered_role), (Role::Service, Role::Service));
        assert!(!found.is_admin_by_claim_alone());
    }
}

#[tokio::test]
async fn a_role_claim_makes_nobody_a_machine() {
    for role in [Role::Agent, Role::Supervisor, Role::Admin] {
        let person = StaffMember { role, ..a_staff_member("ann") };
        assert_eq!(by_claim(person, Some(Role::Service)).await, None);
    }
}

/// Asks whether the machine, which acts for Ann, may write on behalf of this member.
async fn on_behalf_of(
    id: &str,
    caller: StaffMember,
    members: Vec<StaffMember>,
) -> Result<String, OnBehalfError> {
    let authenticate = Authenticate::new(Vec::new(), with(members), a_clock_at(5));
    let found = authenticate.on_behalf_of(&caller, &id.parse().unwrap()).await?;
    Ok(found.id.to_string())
}

fn for_ann() -> StaffMember {
    let mut machine = a_machine("gateway", &[]);
    machine.service.acts_for = [a_staff_member("ann").id].into();
    machine
}

#[tokio::test]
async fn a_machine_writes_for_the_active_members_that_it_acts_for() {
    let ann = a_staff_member("ann");
    assert_eq!(on_behalf_of("ann", for_ann(), vec![ann.clone()]).await.unwrap(), "ann");
    let gone = StaffMember { deactivated_at: Some(minutes_later(1)), ..ann };
    for members in [vec![], vec![gone]] {
        let refused = on_behalf_of("ann", for_ann(), members).await;
        assert!(matches!(refused, Err(OnBehalfError::NotFound(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn nobody_writes_for_others_without_being_allowed_to() {
    let members = || vec![a_staff_member("ann"), a_staff_member("ben")];
    let person = StaffMember { role: Role::Admin, ..a_staff_member("admin") };
    for (id, caller) in [("ben", for_ann()), ("ann", a_machine("other", &[])), ("ann", person)] {
        let refused = on_behalf_of(id, caller, members()).await;
        assert!(matches!(refused, Err(OnBehalfError::NotPermitted { .. })), "{refused:?}");
    }
}
