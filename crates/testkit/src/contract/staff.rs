//! [`StaffRepository`](engage_repository::StaffRepository).

use engage_domain::{Role, StaffId, StaffMember};
use engage_repository::RepositoryError;

use super::{Store, all_at_once};
use crate::builders::{a_staff_member, a_staff_member_with_everything, minutes_later};

async fn find(store: &Store, id: &StaffId) -> Option<StaffMember> {
    store.staff.find_staff(id).await.expect("a member is read")
}

async fn list(store: &Store) -> Vec<StaffMember> {
    store.staff.list_staff().await.expect("members are listed")
}

fn assert_taken(outcome: &Result<(), RepositoryError>, taken: &str) {
    assert!(
        matches!(outcome, Err(RepositoryError::Duplicate { key }) if *key == taken),
        "{taken}: {outcome:?}"
    );
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

pub async fn a_member_that_was_not_added_is_not_found(store: &Store) {
    assert_eq!(find(store, &"nobody".parse().unwrap()).await, None);
    assert!(list(store).await.is_empty());
}

pub async fn an_id_is_given_once(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let mut other = a_staff_member_with_everything("ann");
    other.email = "other@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, "staff_id");
    assert_eq!(list(store).await, [member]);
}

pub async fn an_address_is_given_once_in_any_case_of_letters(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    for address in ["ann@desk.example", "ANN@Desk.Example"] {
        let mut other = a_staff_member("ben");
        other.email = address.parse().unwrap();
        assert_taken(&store.staff.add_staff(&other).await, "staff_email");
    }
    assert_eq!(list(store).await, [member]);
}

pub async fn the_id_and_the_address_of_a_member_who_left_stay_taken(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    assert!(store.staff.deactivate_staff(&member.id, minutes_later(1)).await.unwrap());
    let mut other = a_staff_member("ann");
    other.email = "other@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, "staff_id");
    let mut other = a_staff_member("ben");
    other.email = "Ann@desk.example".parse().unwrap();
    assert_taken(&store.staff.add_staff(&other).await, "staff_email");
}

pub async fn of_many_who_are_added_at_once_under_one_id_one_is_kept(store: &Store) {
    let outcomes = all_at_once((0..10).map(|number| {
        let staff = store.staff.clone();
        let mut member = a_staff_member("ann");
        member.email = format!("ann-{number}@desk.example").parse().unwrap();
        async move { staff.add_staff(&member).await }
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refusal in outcomes.iter().filter(|outcome| outcome.is_err()) {
        assert_taken(refusal, "staff_id");
    }
    assert_eq!(list(store).await.len(), 1);
}

pub async fn all_members_are_listed_in_the_order_of_their_ids(store: &Store) {
    let ids = ["staff-9", "staff_1", "staff-10", "staff1", "a", "zoe", "9", "_x", "-x", "staff"];
    for id in ids {
        store.hire(&a_staff_member(id)).await;
    }
    let gone: StaffId = "staff1".parse().unwrap();
    store.staff.deactivate_staff(&gone, minutes_later(1)).await.unwrap();
    let mut expected: Vec<_> = ids.iter().map(|id| a_staff_member(id)).collect();
    expected.sort_by(|one, other| one.id.cmp(&other.id));
    for member in &mut expected {
        member.deactivated_at = (member.id == gone).then(|| minutes_later(1));
    }
    assert_eq!(list(store).await, expected);
}

pub async fn a_member_who_left_is_found_with_the_time(store: &Store) {
    let mut member = a_staff_member_with_everything("ann");
    store.hire(&member).await;
    let bystander = a_staff_member("ben");
    store.hire(&bystander).await;
    assert!(store.staff.deactivate_staff(&member.id, minutes_later(7)).await.unwrap());
    member.deactivated_at = Some(minutes_later(7));
    assert_eq!(find(store, &member.id).await, Some(member));
    assert_eq!(find(store, &bystander.id).await, Some(bystander));
}

pub async fn nobody_leaves_who_was_never_there(store: &Store) {
    store.hire(&a_staff_member("ann")).await;
    let nobody = "nobody".parse().unwrap();
    assert!(!store.staff.deactivate_staff(&nobody, minutes_later(1)).await.unwrap());
    assert_eq!(list(store).await, [a_staff_member("ann")]);
}

pub async fn a_member_who_left_before_left_at_the_first_time(store: &Store) {
    let mut member = a_staff_member("ann");
    store.hire(&member).await;
    for minute in [5, 3, 9] {
        assert!(store.staff.deactivate_staff(&member.id, minutes_later(minute)).await.unwrap());
    }
    member.deactivated_at = Some(minutes_later(5));
    assert_eq!(find(store, &member.id).await, Some(member));
}
