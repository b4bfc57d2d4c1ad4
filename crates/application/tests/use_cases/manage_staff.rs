use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use engage_application::{
    ManageStaff, MemberChange, MemberFilter, MemberPage, NewMember, StaffError,
};
use engage_domain::staff::ServiceAccess;
use engage_domain::{Role, StaffMember};
use engage_repository::{
    MockStaffRepository, RepositoryError, StaffChange, StaffRepository, UniqueConstraint,
};
use engage_testkit::builders::{
    a_staff_member, a_staff_member_with_everything, minutes_later, monday,
};

use crate::acts::{Acts, a_recorder, an_operator};
use crate::setup::{a_clock_at, no_connection};

/// Builds the use case, one hour after the start.
fn manage(staff: MockStaffRepository) -> ManageStaff {
    let staff: Arc<dyn StaffRepository> = Arc::new(staff);
    let acts = Acts { staff: Some(Arc::clone(&staff)), ..Acts::default() };
    ManageStaff::new(staff, Arc::new(acts), a_clock_at(60), a_recorder(a_clock_at(60)))
}

fn jane() -> NewMember {
    NewMember {
        id: None,
        name: "Jane Smith".parse().unwrap(),
        email: "Jane.Smith@desk.example".parse().unwrap(),
        role: Role::Supervisor,
        department: Some("Billing".parse().unwrap()),
        phone: Some("+4989123456".parse().unwrap()),
    }
}

fn taken(constraint: UniqueConstraint) -> RepositoryError {
    RepositoryError::Duplicate { constraint }
}

/// Storage in which the first `count` ids are already taken, and the members that were tried.
fn with_ids_taken(count: usize) -> (MockStaffRepository, Arc<Mutex<Vec<StaffMember>>>) {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let log = tried.clone();
    let mut staff = MockStaffRepository::new();
    staff.expect_add_staff().returning(move |member| {
        let mut tried = log.lock().unwrap();
        tried.push(member.clone());
        if tried.len() > count { Ok(()) } else { Err(taken(UniqueConstraint::StaffId)) }
    });
    (staff, tried)
}

#[tokio::test]
async fn a_member_is_added_under_the_given_id() {
    let (staff, added) = with_ids_taken(0);
    let new = NewMember { id: Some("jane".parse().unwrap()), ..jane() };
    let member = manage(staff).add(new.clone(), &an_operator()).await.unwrap();
    let expected = StaffMember {
        id: "jane".parse().unwrap(),
        name: new.name,
        email: new.email,
        role: new.role,
        department: new.department,
        phone: new.phone,
        created_at: minutes_later(60),
        deactivated_at: None,
        service: ServiceAccess::default(),
    };
    assert_eq!(member, expected);
    assert_eq!(*added.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn a_default_id_is_derived_from_the_address_and_the_next_free_number() {
    for (taken, expected) in [(0, "jane-smith"), (1, "jane-smith-2"), (2, "jane-smith-3")] {
        let (staff, _) = with_ids_taken(taken);
        let member = manage(staff).add(jane(), &an_operator()).await.unwrap();
        assert_eq!(member.id.as_str(), expected);
    }
}

#[tokio::test]
async fn a_given_id_is_not_replaced() {
    let (staff, tried) = with_ids_taken(1);
    let new = NewMember { id: Some("jane".parse().unwrap()), ..jane() };
    let outcome = manage(staff).add(new, &an_operator()).await;
    assert!(matches!(outcome, Err(StaffError::IdTaken(id)) if id.as_str() == "jane"));
    assert_eq!(tried.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_number_of_generated_ids_is_limited() {
    let (staff, tried) = with_ids_taken(usize::MAX);
    let outcome = manage(staff).add(jane(), &an_operator()).await;
    assert!(matches!(outcome, Err(StaffError::IdTaken(_))), "{outcome:?}");
    assert!(tried.lock().unwrap().len() < 1000);
}

#[tokio::test]
async fn a_taken_address_and_unavailable_storage_are_distinguished() {
    let mut staff = MockStaffRepository::new();
    staff.expect_add_staff().once().returning(|_| Err(taken(UniqueConstraint::StaffEmail)));
    let outcome = manage(staff).add(jane(), &an_operator()).await;
    assert!(matches!(outcome, Err(StaffError::EmailTaken(email)) if email == jane().email));

    let mut staff = MockStaffRepository::new();
    staff.expect_add_staff().once().returning(|_| Err(no_connection()));
    let outcome = manage(staff).add(jane(), &an_operator()).await;
    assert!(matches!(outcome, Err(StaffError::Repository(RepositoryError::Unavailable(_)))));
}

fn a_team() -> Vec<StaffMember> {
    let gone = StaffMember {
        deactivated_at: Some(minutes_later(1)),
        ..a_staff_member_with_everything("cem")
    };
    vec![
        StaffMember { role: Role::Admin, ..a_staff_member("ann") },
        a_staff_member_with_everything("ben"),
        gone,
        a_staff_member("dee"),
    ]
}

async fn page(filter: MemberFilter, number: u32, limit: u32) -> (Vec<String>, u64) {
    let mut staff = MockStaffRepository::new();
    staff.expect_list_staff().once().returning(|| Ok(a_team()));
    let (number, limit) = (NonZeroU32::new(number).unwrap(), NonZeroU32::new(limit).unwrap());
    let MemberPage { members, total } = manage(staff).page(&filter, number, limit).await.unwrap();
    (members.into_iter().map(|member| member.id.to_string()).collect(), total)
}

#[tokio::test]
async fn members_are_filtered_by_role_department_and_state() {
    let any = MemberFilter::default;
    let technical = "Technical Support".parse().unwrap();
    for (filter, expected) in [
        (any(), &["ann", "ben", "cem", "dee"][..]),
        (MemberFilter { is_active: Some(true), ..any() }, &["ann", "ben", "dee"]),
        (MemberFilter { is_active: Some(false), ..any() }, &["cem"]),
        (MemberFilter { roles: vec![Role::Agent, Role::Admin], ..any() }, &["ann", "dee"]),
        (MemberFilter { departments: vec![technical], ..any() }, &["ben", "cem"]),
        (MemberFilter { roles: vec![Role::Supervisor], is_active: Some(true), ..any() }, &["ben"]),
    ] {
        let (ids, total) = page(filter.clone(), 1, 100).await;
        assert_eq!(ids, expected, "{filter:?}");
        assert_eq!(total, expected.len() as u64, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_of_members_follow_each_other_and_one_past_the_end_is_empty() {
    for (number, expected) in
        [(1, &["ann", "ben", "cem"][..]), (2, &["dee"]), (3, &[]), (u32::MAX, &[])]
    {
        let (ids, total) = page(MemberFilter::default(), number, 3).await;
        assert_eq!((ids, total), (expected.iter().map(ToString::to_string).collect(), 4));
    }
}

/// Storage that contains the member and accepts one change.
fn storing(
    member: StaffMember,
    check: impl Fn(&StaffMember, &StaffMember) + Send + Sync + 'static,
) -> MockStaffRepository {
    let mut staff = MockStaffRepository::new();
    let before = member.clone();
    staff.expect_find_staff().once().returning(move |_| Ok(Some(member.clone())));
    staff.expect_change_staff().once().returning(move |from, to| {
        assert_eq!(*from, before);
        check(from, to);
        Ok(StaffChange::Made)
    });
    staff
}

#[tokio::test]
async fn fields_without_a_change_stay() {
    let ann = a_staff_member_with_everything("ann");
    let staff = storing(ann.clone(), |_, _| {});
    let change = MemberChange { phone: Some(None), ..MemberChange::default() };
    let after = manage(staff).change(&ann.id, &change, &an_operator()).await.unwrap();
    assert_eq!(after, StaffMember { phone: None, ..ann });
}

#[tokio::test]
async fn every_field_can_be_changed() {
    let ann = a_staff_member_with_everything("ann");
    let change = MemberChange {
        name: Some("Anna".parse().unwrap()),
        email: Some("anna@desk.example".parse().unwrap()),
        role: Some(Role::Admin),
        department: Some(Some("Billing".parse().unwrap())),
        phone: Some(Some("+4930123456".parse().unwrap())),
        is_active: Some(false),
        ..MemberChange::default()
    };
    let expected = StaffMember {
        id: ann.id.clone(),
        name: "Anna".parse().unwrap(),
        email: "anna@desk.example".parse().unwrap(),
        role: Role::Admin,
        department: Some("Billing".parse().unwrap()),
        phone: Some("+4930123456".parse().unwrap()),
        created_at: monday(),
        deactivated_at: Some(minutes_later(60)),
        service: ServiceAccess::default(),
    };
    let stored = expected.clone();
    let staff = storing(ann.clone(), move |_, to| assert_eq!(*to, stored));
    assert_eq!(manage(staff).change(&ann.id, &change, &an_operator()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_deactivated_member_can_be_reactivated() {
    let gone = StaffMember { deactivated_at: Some(minutes_later(1)), ..a_staff_member("ann") };
    let change = MemberChange { is_active: Some(true), ..MemberChange::default() };
    let after = manage(storing(gone.clone(), |_, _| {}))
        .change(&gone.id, &change, &an_operator())
        .await
        .unwrap();
    assert_eq!(after, a_staff_member("ann"));
}

#[tokio::test]
async fn a_change_without_effect_is_not_stored() {
    let ann = a_staff_member("ann");
    let gone = StaffMember { deactivated_at: Some(minutes_later(1)), ..ann.clone() };
    let mut same_name = MemberChange { name: Some(ann.name.clone()), ..MemberChange::default() };
    for (member, change) in [
        (&ann, MemberChange::default()),
        (&ann, same_name.clone()),
        (&gone, MemberChange { is_active: Some(false), ..MemberChange::default() }),
    ] {
        let mut staff = MockStaffRepository::new();
        let found = member.clone();
        staff.expect_find_staff().once().returning(move |_| Ok(Some(found.clone())));
        staff.expect_change_staff().never();
        assert_eq!(
            manage(staff).change(&member.id, &change, &an_operator()).await.unwrap(),
            *member
        );
    }
    // A different spelling of the same address is a change.
    same_name.email = Some("ANN@desk.example".parse().unwrap());
    let after = manage(storing(ann.clone(), |_, _| {}))
        .change(&ann.id, &same_name, &an_operator())
        .await
        .unwrap();
    assert_eq!(after.email.as_str(), "ANN@desk.example");
}

#[tokio::test]
async fn a_conflicting_change_is_repeated_on_the_new_state() {
    let ann = a_staff_member("ann");
    let renamed = StaffMember { name: "Anna".parse().unwrap(), ..ann.clone() };
    let mut staff = MockStaffRepository::new();
    let mut found = [ann.clone(), renamed.clone()].into_iter();
    staff.expect_find_staff().times(2).returning(move |_| Ok(found.next()));
    let first = ann.clone();
    staff
        .expect_change_staff()
        .withf(move |before, _| *before == first && before.name == first.name)
        .once()
        .returning(|_, _| Err(RepositoryError::Conflict));
    let second = renamed.clone();
    staff
        .expect_change_staff()
        .withf(move |before, _| *before == second)
        .once()
        .returning(|_, _| Ok(StaffChange::Made));
    let change = MemberChange { role: Some(Role::Supervisor), ..MemberChange::default() };
    let after = manage(staff).change(&ann.id, &change, &an_operator()).await.unwrap();
    assert_eq!(after, StaffMember { role: Role::Supervisor, ..renamed });
}

#[tokio::test]
async fn a_change_that_always_conflicts_fails() {
    let ann = a_staff_member("ann");
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().returning(|_| Ok(Some(a_staff_member("ann"))));
    staff.expect_change_staff().returning(|_, _| Err(RepositoryError::Conflict));
    let outcome = manage(staff).deactivate(&ann.id, &an_operator()).await;
    assert!(matches!(outcome, Err(StaffError::Repository(RepositoryError::Conflict))));
}

async fn refused(outcome: Result<StaffChange, RepositoryError>) -> StaffError {
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Ok(Some(a_staff_member("ann"))));
    let mut outcome = Some(outcome);
    staff.expect_change_staff().once().returning(move |_, _| outcome.take().unwrap());
    let email = Some("ben@desk.example".parse().unwrap());
    let change = MemberChange { email, ..MemberChange::default() };
    manage(staff).change(&"ann".parse().unwrap(), &change, &an_operator()).await.unwrap_err()
}

#[tokio::test]
async fn refusals_of_storage_are_mapped_to_errors() {
    let error = refused(Ok(StaffChange::LastAdmin)).await;
    assert!(matches!(error, StaffError::LastAdmin(id) if id.as_str() == "ann"));
    let error = refused(Err(taken(UniqueConstraint::StaffEmail))).await;
    assert!(matches!(error, StaffError::EmailTaken(email) if email.as_str() == "ben@desk.example"));
    let error = refused(Err(no_connection())).await;
    assert!(matches!(error, StaffError::Repository(RepositoryError::Unavailable(_))));
}

#[tokio::test]
async fn an_unknown_member_is_not_found() {
    let unknown = "nobody".parse().unwrap();
    let missing = || {
        let mut staff = MockStaffRepository::new();
        staff.expect_find_staff().once().returning(|_| Ok(None));
        manage(staff)
    };
    for outcome in
        [missing().get(&unknown).await, missing().deactivate(&unknown, &an_operator()).await]
    {
        assert!(matches!(outcome, Err(StaffError::NotFound(id)) if id == unknown));
    }
}
