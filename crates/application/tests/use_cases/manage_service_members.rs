use std::sync::{Arc, Mutex};

use engage_application::{ManageStaff, MemberChange, NewMember, NewService, StaffError};
use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::{Role, StaffMember};
use engage_repository::{
    AuditRecord, MockStaffRepository, RepositoryError, StaffChange, StaffRepository,
    UniqueConstraint,
};
use engage_testkit::builders::{a_machine, a_staff_member, minutes_later};

use crate::acts::{Acts, Records, a_recorder, an_operator};
use crate::setup::a_clock_at;

fn manage(staff: MockStaffRepository) -> (ManageStaff, Records) {
    let staff: Arc<dyn StaffRepository> = Arc::new(staff);
    let acts = Acts { staff: Some(Arc::clone(&staff)), ..Acts::default() };
    let records = acts.records.clone();
    (ManageStaff::new(staff, Arc::new(acts), a_clock_at(60), a_recorder(a_clock_at(60))), records)
}

fn gateway() -> StaffMember {
    a_machine("gateway", &[ServiceScope::CasesReply])
}

fn acting_for(id: &str) -> ServiceAccess {
    ServiceAccess { acts_for: [id.parse().unwrap()].into(), ..gateway().service }
}

fn new(service: ServiceAccess) -> NewService {
    let name = "Mail gateway".parse().unwrap();
    NewService { id: None, name, department: None, service }
}

/// Storage in which these members are found.
fn with(members: Vec<StaffMember>) -> MockStaffRepository {
    let mut staff = MockStaffRepository::new();
    staff
        .expect_find_staff()
        .returning(move |id| Ok(members.iter().find(|member| member.id == *id).cloned()));
    staff
}

/// Returns the values of an audit record, which its debug output leaves out.
fn values_of(record: &AuditRecord) -> String {
    record.values.as_ref().map(|values| values.json.clone()).unwrap()
}

#[tokio::test]
async fn a_machine_is_added_with_an_id_from_its_name_and_no_address() {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let mut staff = with(vec![a_staff_member("jane")]);
    let log = tried.clone();
    staff.expect_add_staff().times(2).returning(move |member| {
        let mut tried = log.lock().unwrap();
        tried.push(member.email.to_string());
        let constraint = UniqueConstraint::StaffId;
        if tried.len() == 1 { Err(RepositoryError::Duplicate { constraint }) } else { Ok(()) }
    });
    let (manage, records) = manage(staff);
    let member = manage.add_service(new(acting_for("jane")), &an_operator()).await.unwrap();
    assert_eq!((member.id.as_str(), member.role), ("mail-gateway-2", Role::Service));
    assert_eq!((member.address(), member.created_at), (None, minutes_later(60)));
    assert_eq!(member.service, acting_for("jane"));
    let addresses = ["mail-gateway@service.invalid", "mail-gateway-2@service.invalid"];
    assert_eq!(*tried.lock().unwrap(), addresses);
    let record = values_of(records.lock().unwrap().last().unwrap());
    assert!(record.contains("cases.reply") && record.contains("jane"), "{record}");
    assert!(!record.contains("service.invalid"), "{record}");
}

#[tokio::test]
async fn a_machine_acts_for_people_only() {
    for id in ["nobody", "gateway"] {
        let (manage, _) = manage(with(vec![gateway()]));
        let refused = manage.add_service(new(acting_for(id)), &an_operator()).await;
        let Err(StaffError::NotRepresentable(found)) = refused else { panic!("{refused:?}") };
        assert_eq!(found.as_str(), id);
    }
}

#[tokio::test]
async fn the_reserved_ids_are_refused_for_machines_too() {
    let new = NewService { id: Some("me".parse().unwrap()), ..new(ServiceAccess::default()) };
    let (manage, _) = manage(with(Vec::new()));
    let refused = manage.add_service(new, &an_operator()).await;
    assert!(matches!(refused, Err(StaffError::IdReserved(_))), "{refused:?}");
}

#[tokio::test]
async fn a_person_is_not_added_as_a_machine() {
    let StaffMember { name, email, .. } = a_staff_member("ann");
    let (id, department, phone) = (None, None, None);
    let new = NewMember { id, name, email, role: Role::Service, department, phone };
    let (manage, _) = manage(with(Vec::new()));
    let refused = manage.add(new, &an_operator()).await;
    assert!(matches!(refused, Err(StaffError::NotOfService("email"))), "{refused:?}");
}

#[tokio::test]
async fn the_rights_of_a_machine_change_and_are_audited() {
    let mut staff = with(vec![gateway(), a_staff_member("jane")]);
    staff.expect_change_staff().once().returning(|_, _| Ok(StaffChange::Made));
    let (manage, records) = manage(staff);
    let change = MemberChange {
        scopes: Some([ServiceScope::CasesRead].into()),
        acts_for: Some(acting_for("jane").acts_for),
        ..MemberChange::default()
    };
    let after = manage.change(&gateway().id, &change, &an_operator()).await.unwrap();
    assert_eq!(after.service.scopes, [ServiceScope::CasesRead].into());
    assert_eq!(after.service.acts_for, acting_for("jane").acts_for);
    let record = values_of(records.lock().unwrap().last().unwrap());
    assert!(record.contains("cases.read") && record.contains("actsFor"), "{record}");
}

#[tokio::test]
async fn a_member_never_changes_between_machine_and_person() {
    let other_roles = [Role::Agent, Role::Supervisor, Role::Admin];
    let of_machine = other_roles.map(|role| (gateway(), role));
    let of_people = other_roles.map(|role| {
        let person = StaffMember { role, ..a_staff_member("ann") };
        (person, Role::Service)
    });
    for (member, role) in of_machine.into_iter().chain(of_people) {
        let (manage, _) = manage(with(vec![member.clone()]));
        let change = MemberChange { role: Some(role), ..MemberChange::default() };
        let refused = manage.change(&member.id, &change, &an_operator()).await;
        assert!(matches!(refused, Err(StaffError::RoleFixed(_))), "{role}: {refused:?}");
    }
}

#[tokio::test]
async fn members_get_no_properties_of_the_other_kind() {
    let none = MemberChange::default;
    let email = Some("gateway@desk.example".parse().unwrap());
    let phone = Some(Some("+4930123456".parse().unwrap()));
    for (member, change, expected) in [
        (gateway(), MemberChange { email, ..none() }, "a SERVICE member has no email"),
        (gateway(), MemberChange { phone, ..none() }, "a SERVICE member has no phone"),
        (
            a_staff_member("ann"),
            MemberChange { scopes: Some([].into()), ..none() },
            "only a SERVICE member has scopes",
        ),
        (
            a_staff_member("ann"),
            MemberChange { acts_for: Some([].into()), ..none() },
            "only a SERVICE member has actsFor",
        ),
    ] {
        let (manage, _) = manage(with(vec![member.clone()]));
        let refused = manage.change(&member.id, &change, &an_operator()).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}
