//! Tests of [`StaffRepository`](engage_repository::StaffRepository).

use engage_domain::staff::ServiceScope;
use engage_domain::{Role, StaffId, StaffMember, Timestamp};
use engage_repository::{RepositoryError, StaffChange, UniqueConstraint};

use super::{Store, all_at_once};
use crate::builders::{a_machine, a_staff_member, a_staff_member_with_everything, minutes_later};

async fn find(store: &Store, id: &StaffId) -> Option<StaffMember> {
    store.staff.find_staff(id).await.expect("a member is read")
}

async fn list(store: &Store) -> Vec<StaffMember> {
    store.staff.list_staff().await.expect("members are listed")
}

fn assert_taken(outcome: &Result<(), RepositoryError>, taken: UniqueConstraint) {
    assert!(
        matches!(outcome, Err(RepositoryError::Duplicate { constraint }) if *constraint == taken),
        "{taken}: {outcome:?}"
    );
}

fn an_admin(id: &str) -> StaffMember {
    StaffMember { role: Role::Admin, ..a_staff_member(id) }
}

fn left_at(at: Timestamp, member: &StaffMember) -> StaffMember {
    StaffMember { deactivated_at: Some(at), ..member.clone() }
}

async fn change(store: &Store, before: &StaffMember, after: &StaffMember) -> StaffChange {
    store.staff.change_staff(before, after).await.expect("a member is changed")
}

async fn is_outdated(store: &Store, before: &StaffMember, after: &StaffMember) -> bool {
    let outcome = store.staff.change_staff(before, after).await;
    matches!(outcome, Err(RepositoryError::Conflict))
}

pub async fn a_member_is_read_back(store: &Store) {
    let mut member = a_staff_member_with_everything("complete");
    member.name = "Zoë e\u{301} 你好 مرحبا 👩‍👩‍👧‍👦 'quoted'".parse().unwrap();
    member.email = "Complete@Desk.Example".parse().unwrap();
    for member in [a_staff_member("plain"), member] {
        store.hire(&member).await;
        let found = find(store, &member.id).await.unwrap();
        assert_eq!(found, member);
        assert_eq!(found.email.as_str(), member.email.as_str());
    }
}

pub async fn every_role_is_read_back(store: &Store) {
    for (number, &role) in (1..).zip(Role::ALL) {
        let member = StaffMember { role, ..a_staff_member(&format!("member-{number}")) };
        store.hire(&member).await;
        assert_eq!(find(store, &member.id).await, Some(member));
    }
}

/// Builds a machine with every scope, which acts for two members.
fn a_powerful_machine(id: &str) -> StaffMember {
    let mut machine = a_machine(id, ServiceScope::ALL);
    machine.service.acts_for = ["ann", "ben"].map(|id| id.parse().unwrap()).into();
    machine
}

pub async fn a_machine_is_read_back_with_its_rights(store: &Store) {
    let (plain, powerful) = (a_machine("plain", &[]), a_powerful_machine("powerful"));
    for machine in [&plain, &powerful] {
        store.hire(machine).await;
        assert_eq!(find(store, &machine.id).await.as_ref(), Some(machine));
    }
    let found = store.staff.find_staff_by_email(&plain.email).await.unwrap();
    assert_eq!(found.as_ref(), Some(&plain));
    assert_eq!(list(store).await, [plain, powerful]);
}

pub async fn the_rights_of_a_machine_can_change(store: &Store) {
    let machine = a_machine("gateway", &[ServiceScope::CasesRead]);
    store.hire(&machine).await;
    let mut after = a_powerful_machine("gateway");
    after.department = Some("Billing".parse().unwrap());
    assert_eq!(change(store, &machine, &after).await, StaffChange::Made);
    assert_eq!(find(store, &machine.id).await.as_ref(), Some(&after));
    // It differs in its rights only.
    let outdated = StaffMember { service: machine.service.clone(), ..after.clone() };
    assert!(is_outdated(store, &outdated, &machine).await);
    assert_eq!(find(store, &machine.id).await, Some(after));
}

pub async fn a_machine_can_leave_and_come_back(store: &Store) {
    let machine = a_powerful_machine("gateway");
    store.hire(&machine).await;
    let gone = left_at(minutes_later(1), &machine);
    assert_eq!(change(store, &machine, &gone).await, StaffChange::Made);
    assert_eq!(find(store, &machine.id).await.as_ref(), Some(&gone));
    assert_eq!(change(store, &gone, &machine).await, StaffChange::Made);
    assert_eq!(find(store, &machine.id).await, Some(machine));
}

pub async fn an_unknown_member_is_not_found(store: &Store) {
    assert_eq!(find(store, &"nobody".parse().unwrap()).await, None);
    assert!(list(store).await.is_empty());
}

pub async fn a_member_is_found_by_their_address_ignoring_case(store: &Store) {
    let mut ann = a_staff_member_with_everything("ann");
    ann.email = "Ann.Lee@Desk.example".parse().unwrap();
    for member in [&ann, &a_staff_member("ben")] {
        store.hire(member).await;
    }
    let gone = store.dismiss(&ann, minutes_later(1)).await;
    for address in ["Ann.Lee@Desk.example", "ann.lee@desk.example", "ANN.LEE@DESK.EXAMPLE"] {
        let found = store.staff.find_staff_by_email(&address.parse().unwrap()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&gone), "{address}");
    }
    for address in ["ann_lee@desk.example", "ann.lee@desk.exampl", "%@desk.example"] {
        let found = store.staff.find_staff_by_email(&address.parse().unwrap()).await.unwrap();
        assert_eq!(found, None, "{address}");
    }
}

pub async fn an_id_is_unique(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let mut other = a_staff_member_with_everything("ann");
    other.email = "other@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, UniqueConstraint::StaffId);
    assert_eq!(list(store).await, [member]);
}

pub async fn an_address_is_unique_ignoring_case(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    for address in ["ann@desk.example", "ANN@Desk.Example"] {
        let mut other = a_staff_member("ben");
        other.email = address.parse().unwrap();
        assert_taken(&store.staff.add_staff(&other).await, UniqueConstraint::StaffEmail);
    }
    assert_eq!(list(store).await, [member]);
}

pub async fn the_id_and_address_of_a_former_member_stay_taken(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    store.dismiss(&member, minutes_later(1)).await;
    let mut other = a_staff_member("ann");
    other.email = "other@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, UniqueConstraint::StaffId);
    let mut other = a_staff_member("ben");
    other.email = "Ann@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, UniqueConstraint::StaffEmail);
}

pub async fn one_of_many_members_added_under_one_id_is_stored(store: &Store) {
    let outcomes = all_at_once((0..10).map(|number| {
        let staff = store.staff.clone();
        let mut member = a_staff_member("ann");
        member.email = format!("ann-{number}@desk.example").parse().unwrap();
        async move { staff.add_staff(&member).await }
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refusal in outcomes.iter().filter(|outcome| outcome.is_err()) {
        assert_taken(refusal, UniqueConstraint::StaffId);
    }
    assert_eq!(list(store).await.len(), 1);
}

pub async fn members_are_listed_in_the_order_of_their_ids(store: &Store) {
    let ids = ["staff-9", "staff_1", "staff-10", "staff1", "a", "zoe", "9", "_x", "-x", "staff"];
    for id in ids {
        store.hire(&a_staff_member(id)).await;
    }
    let gone = store.dismiss(&a_staff_member("staff1"), minutes_later(1)).await;
    let mut expected: Vec<_> = ids.iter().map(|id| a_staff_member(id)).collect();
    expected.sort_by(|one, other| one.id.cmp(&other.id));
    for member in expected.iter_mut().filter(|member| member.id == gone.id) {
        *member = gone.clone();
    }
    assert_eq!(list(store).await, expected);
}

pub async fn everything_but_the_id_and_join_date_of_a_member_can_change(store: &Store) {
    let bystander = a_staff_member("ben");
    store.hire(&bystander).await;
    let plain = a_staff_member("ann");
    store.hire(&plain).await;
    let mut complete = a_staff_member_with_everything("ann");
    complete.name = "Ann 你好".parse().unwrap();
    complete.email = "another@desk.example".parse().unwrap();
    for (before, after) in [(&plain, &complete), (&complete, &plain)] {
        let joined_later = StaffMember { created_at: minutes_later(9), ..after.clone() };
        assert_eq!(change(store, before, &joined_later).await, StaffChange::Made);
        assert_eq!(find(store, &before.id).await.as_ref(), Some(after));
    }
    assert_eq!(find(store, &bystander.id).await, Some(bystander));
}

pub async fn a_former_member_is_found_with_the_time_of_leaving(store: &Store) {
    let member = a_staff_member_with_everything("ann");
    store.hire(&member).await;
    let bystander = a_staff_member("ben");
    store.hire(&bystander).await;
    let gone = store.dismiss(&member, minutes_later(7)).await;
    assert_eq!(gone.deactivated_at, Some(minutes_later(7)));
    assert_eq!(find(store, &member.id).await, Some(gone));
    assert_eq!(find(store, &bystander.id).await, Some(bystander));
}

pub async fn a_former_member_can_come_back(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let gone = store.dismiss(&member, minutes_later(7)).await;
    assert_eq!(change(store, &gone, &member).await, StaffChange::Made);
    assert_eq!(find(store, &member.id).await, Some(member));
}

pub async fn an_outdated_or_unknown_member_is_not_changed(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let renamed = StaffMember { name: "Ann".parse().unwrap(), ..member.clone() };
    assert_eq!(change(store, &member, &renamed).await, StaffChange::Made);
    let promoted = StaffMember { role: Role::Supervisor, ..member.clone() };
    assert!(is_outdated(store, &member, &promoted).await);
    let nobody = a_staff_member("nobody");
    assert!(is_outdated(store, &nobody, &left_at(minutes_later(1), &nobody)).await);
    assert_eq!(list(store).await, [renamed]);
}

pub async fn one_of_many_concurrent_changes_of_a_member_succeeds(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let outcomes = all_at_once((0..10).map(|number| {
        let (staff, before) = (store.staff.clone(), member.clone());
        let name = format!("Ann {number}").parse().unwrap();
        let after = StaffMember { name, ..member.clone() };
        async move { staff.change_staff(&before, &after).await.map(|_| after) }
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(RepositoryError::Conflict))));
    let [Ok(made)] = &made[..] else { panic!("{made:?}") };
    assert_eq!(find(store, &member.id).await.as_ref(), Some(made));
}

pub async fn a_member_cannot_take_the_address_of_another(store: &Store) {
    let (ann, ben, gone) = (a_staff_member("ann"), a_staff_member("ben"), a_staff_member("gone"));
    for member in [&ann, &ben, &gone] {
        store.hire(member).await;
    }
    store.dismiss(&gone, minutes_later(1)).await;
    for taken in ["ben@desk.example", "BEN@Desk.Example", "Gone@desk.example"] {
        let after = StaffMember { email: taken.parse().unwrap(), ..ann.clone() };
        let outcome = store.staff.change_staff(&ann, &after).await;
        assert_taken(&outcome.map(drop), UniqueConstraint::StaffEmail);
    }
    let found = find(store, &ann.id).await.unwrap();
    assert_eq!(found.email.as_str(), ann.email.as_str());
}

pub async fn the_case_of_an_address_can_change(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let after = StaffMember { email: "Ann@Desk.Example".parse().unwrap(), ..ann.clone() };
    assert_eq!(change(store, &ann, &after).await, StaffChange::Made);
    assert_eq!(find(store, &ann.id).await.unwrap().email.as_str(), "Ann@Desk.Example");
}

pub async fn the_last_active_admin_cannot_step_down_or_leave(store: &Store) {
    let (ann, gone) = (an_admin("ann"), an_admin("gone"));
    for member in [&ann, &gone, &a_staff_member_with_everything("ben")] {
        store.hire(member).await;
    }
    store.dismiss(&gone, minutes_later(1)).await;
    let demoted = StaffMember { role: Role::Supervisor, ..ann.clone() };
    for after in [&demoted, &left_at(minutes_later(1), &ann)] {
        assert_eq!(change(store, &ann, after).await, StaffChange::LastAdmin);
        assert_eq!(find(store, &ann.id).await.as_ref(), Some(&ann));
    }
    let renamed = StaffMember { name: "Ann".parse().unwrap(), ..ann.clone() };
    assert_eq!(change(store, &ann, &renamed).await, StaffChange::Made);
}

pub async fn an_admin_can_step_down_or_leave_if_another_remains(store: &Store) {
    let (ann, ben, cem) = (an_admin("ann"), an_admin("ben"), an_admin("cem"));
    for member in [&ann, &ben, &cem] {
        store.hire(member).await;
    }
    let demoted = StaffMember { role: Role::Agent, ..ann.clone() };
    assert_eq!(change(store, &ann, &demoted).await, StaffChange::Made);
    store.dismiss(&ben, minutes_later(1)).await;
    let gone = left_at(minutes_later(1), &cem);
    assert_eq!(change(store, &cem, &gone).await, StaffChange::LastAdmin);
}

pub async fn one_of_all_admins_who_leave_at_once_stays(store: &Store) {
    let admins: Vec<_> = (0..10).map(|number| an_admin(&format!("admin-{number}"))).collect();
    for admin in &admins {
        store.hire(admin).await;
    }
    let outcomes = all_at_once(admins.into_iter().map(|admin| {
        let staff = store.staff.clone();
        let gone = left_at(minutes_later(1), &admin);
        async move { staff.change_staff(&admin, &gone).await.expect("a member is changed") }
    }))
    .await;
    let refused = outcomes.iter().filter(|outcome| **outcome == StaffChange::LastAdmin);
    assert_eq!(refused.count(), 1);
    assert_eq!(list(store).await.iter().filter(|one| one.is_active_admin()).count(), 1);
}
