//! Tests of the filters of `list_cases` by the people of a case.

use engage_domain::{
    Actor, AddParticipantRequest, Case, Participant, PersonId, Policies, Status, Timestamp,
    Visibility,
};
use engage_repository::{CaseFilter, CaseListing, ListSize, OrganizationAddresses};

use super::{everything, list};
use crate::builders::{
    a_case_number, a_fresh_id, a_new_case, a_staff_member, a_stamp, an_opened, by, by_participant,
    in_status, joined, minutes_later, opened, written,
};
use crate::contract::Store;

/// Returns the sequences of the listed cases, and checks them against the total.
async fn listed(store: &Store, filter: CaseFilter) -> Vec<u64> {
    let page = list(store, &CaseListing { filter, ..everything() }).await;
    let sequences: Vec<_> = page.cases.iter().map(|case| case.number.sequence()).collect();
    assert_eq!(page.total, sequences.len() as u64);
    sequences
}

fn with_participant(emails: &[&str]) -> CaseFilter {
    CaseFilter {
        participant_email: emails.iter().map(|text| text.parse().unwrap()).collect(),
        ..CaseFilter::default()
    }
}

fn of_person(emails: &[&str]) -> CaseFilter {
    CaseFilter {
        person_email: Some(emails.iter().map(|text| text.parse().unwrap()).collect()),
        ..CaseFilter::default()
    }
}

/// Opens a case of a customer with an address.
async fn open(store: &Store, sequence: u64, email: &str) -> Case {
    let mut request = a_new_case();
    request.customer.email = Some(email.parse().unwrap());
    store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await
}

/// Opens a case with a participant.
async fn open_with(store: &Store, sequence: u64, participant: &str) -> Case {
    let case = store.keep(an_opened(sequence)).await;
    store.keep(joined(&case, participant, Actor::Customer, minutes_later(1))).await
}

fn last(case: &Case) -> &Participant {
    case.facts().participants.last().unwrap()
}

async fn remove_last(store: &Store, case: &Case, at: Timestamp) -> Case {
    let stamp = a_stamp(Actor::Customer, at);
    let removed = case.remove_participant(last(case).id, &Policies::default(), stamp);
    store.keep(removed.unwrap().unwrap()).await
}

pub async fn cases_are_filtered_by_participant(store: &Store) {
    open_with(store, 1, "Ann@X.example").await;
    let case = open_with(store, 2, "ann@x.example").await;
    store.keep(joined(&case, "bob@x.example", Actor::Customer, minutes_later(2))).await;
    open_with(store, 3, "joann@x.example").await;
    open(store, 4, "ann@x.example").await;
    open_with(store, 5, "Info@b\u{fc}cher.example").await;
    open_with(store, 6, "info@XN--BCHER-KVA.example").await;
    assert_eq!(listed(store, with_participant(&["ANN@x.example"])).await, [1, 2]);
    assert_eq!(listed(store, with_participant(&["bob@x.example"])).await, [2]);
    let several = with_participant(&["bob@x.example", "ann@x.example", "joann@x.example"]);
    assert_eq!(listed(store, several).await, [1, 2, 3]);
    assert!(listed(store, with_participant(&["nn@x.example"])).await.is_empty());
    for domain in ["b\u{fc}cher.example", "xn--bcher-kva.example", "B\u{dc}CHER.example"] {
        let filter = with_participant(&[&format!("info@{domain}")]);
        assert_eq!(listed(store, filter).await, [5, 6], "{domain}");
    }
}

pub async fn cases_are_filtered_by_present_participants(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let policies = Policies::default();
    let ann = with_participant(&["ann@x.example"]);

    let case = open_with(store, 1, "ann@x.example").await;
    let removed = remove_last(store, &case, minutes_later(2)).await;
    let case = open_with(store, 2, "ann@x.example").await;
    let left = case.leave(&policies, a_stamp(by_participant(&case), minutes_later(2)));
    store.keep(left.unwrap().unwrap()).await;
    assert_eq!(listed(store, ann.clone()).await, [0; 0]);
    assert_eq!(listed(store, of_person(&["ann@x.example"])).await, [0; 0]);

    let case = store.keep(an_opened(3)).await;
    let proposal = AddParticipantRequest::new("ann@x.example".parse().unwrap()).as_proposal();
    let stamp = a_stamp(by(&agent), minutes_later(2));
    let id = PersonId::from_u128(a_fresh_id());
    let proposed = case.add_participant(id, proposal, &policies, stamp).unwrap().unwrap();
    store.keep(proposed).await;
    assert_eq!(listed(store, ann.clone()).await, [3]);

    let case = store.keep(joined(&removed, "ann@x.example", by(&agent), minutes_later(3))).await;
    assert_eq!(listed(store, ann.clone()).await, [1, 3]);
    // One of several participants goes, and other changes follow.
    let case = store.keep(joined(&case, "bob@x.example", by(&agent), minutes_later(4))).await;
    let case = remove_last(store, &case, minutes_later(5)).await;
    store.keep(written(&case, "Hm.", Visibility::Internal, by(&agent), minutes_later(6))).await;
    assert_eq!(listed(store, ann).await, [1, 3]);
    assert_eq!(listed(store, with_participant(&["bob@x.example"])).await, [0; 0]);
}

pub async fn cases_are_filtered_by_a_person(store: &Store) {
    open(store, 1, "Ann@X.example").await;
    let case = open_with(store, 2, "ann@x.example").await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(3))).await;
    let case = open(store, 3, "bob@x.example").await;
    store.keep(joined(&case, "a.lee@x.example", Actor::Customer, minutes_later(1))).await;
    open(store, 4, "info@b\u{fc}cher.example").await;
    open_with(store, 5, "info@b\u{fc}cher.example").await;
    let ann = of_person(&["ann@x.example", "A.Lee@x.example"]);
    assert_eq!(listed(store, ann.clone()).await, [1, 2, 3]);
    assert_eq!(listed(store, of_person(&["ann@x.example"])).await, [1, 2]);
    assert_eq!(listed(store, of_person(&["info@xn--bcher-kva.example"])).await, [4, 5]);
    assert_eq!(listed(store, of_person(&["nobody@x.example"])).await, [0; 0]);
    assert_eq!(listed(store, of_person(&[])).await, [0; 0]);
    assert_eq!(listed(store, CaseFilter::default()).await.len(), 5);

    let held = CaseFilter { status: vec![Status::OnHold], ..ann.clone() };
    assert_eq!(listed(store, held).await, [2]);
    let searched = CaseFilter { search: Some("bob@x.example".parse().unwrap()), ..ann.clone() };
    assert_eq!(listed(store, searched).await, [3]);
    let participating = with_participant(&["ann@x.example", "a.lee@x.example"]).participant_email;
    let both = CaseFilter { participant_email: participating, ..ann.clone() };
    assert_eq!(listed(store, both).await, [2, 3]);
    let customer = CaseFilter { customer_email: vec!["bob@x.example".parse().unwrap()], ..ann };
    assert_eq!(listed(store, customer).await, [3]);
}

fn of_organization(domains: &[&str], elsewhere: &[&str], excepted: &[&str]) -> CaseFilter {
    let emails = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    CaseFilter {
        organization_people: Some(OrganizationAddresses {
            domains: domains.iter().map(|text| text.parse().unwrap()).collect(),
            elsewhere: emails(elsewhere),
            excepted: emails(excepted),
        }),
        ..CaseFilter::default()
    }
}

pub async fn cases_are_filtered_by_the_people_of_an_organization(store: &Store) {
    open(store, 1, "Ann@Acme.example").await;
    let case = open_with(store, 2, "bob@ACME.example").await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(3))).await;
    open(store, 3, "ann@mail.acme.example").await;
    open(store, 4, "ann@acme.example.org").await;
    open(store, 5, "Info@b\u{dc}cher.example").await;
    open_with(store, 6, "info@xn--bcher-kva.example").await;
    open(store, 7, "guest@home.example").await;
    open_with(store, 8, "guest@home.example").await;
    let case = open_with(store, 9, "eve@acme.example").await;
    remove_last(store, &case, minutes_later(2)).await;

    let acme = of_organization(&["acme.example"], &[], &[]);
    assert_eq!(listed(store, acme.clone()).await, [1, 2]);
    let books = of_organization(&["acme.example", "b\u{fc}cher.example"], &[], &[]);
    assert_eq!(listed(store, books).await, [1, 2, 5, 6]);
    let with_guest = of_organization(&["acme.example"], &["Guest@home.example"], &[]);
    assert_eq!(listed(store, with_guest).await, [1, 2, 7, 8]);
    let guest = of_organization(&[], &["guest@home.example"], &[]);
    assert_eq!(listed(store, guest).await, [7, 8]);
    for (excepted, expected) in [("ANN@acme.example", [2]), ("Bob@acme.example", [1])] {
        let others = of_organization(&["acme.example"], &[], &[excepted]);
        assert_eq!(listed(store, others).await, expected);
    }
    assert_eq!(listed(store, of_organization(&[], &[], &[])).await, [0; 0]);
    assert_eq!(listed(store, of_organization(&[], &[], &["ann@acme.example"])).await, [0; 0]);

    let held = CaseFilter { status: vec![Status::OnHold], ..acme.clone() };
    assert_eq!(listed(store, held).await, [2]);
    let searched = CaseFilter { search: Some("ann@acme.example".parse().unwrap()), ..acme.clone() };
    assert_eq!(listed(store, searched).await, [1]);
    let person = of_person(&["ann@acme.example", "guest@home.example"]).person_email;
    assert_eq!(listed(store, CaseFilter { person_email: person, ..acme }).await, [1]);
}

pub async fn a_long_list_of_an_organization_has_the_same_cases(store: &Store) {
    open(store, 1, "ann@acme.example").await;
    open(store, 2, "gone@acme.example").await;
    open(store, 3, "guest@home.example").await;
    open_with(store, 4, "bob@acme.example").await;
    open_with(store, 5, "gone@acme.example").await;
    let filter =
        of_organization(&["acme.example"], &["guest@home.example"], &["gone@acme.example"]);
    for size in ListSize::ALL {
        let listing = CaseListing { filter: filter.clone(), size: *size, ..everything() };
        let page = list(store, &listing).await;
        let sequences: Vec<_> = page.cases.iter().map(|case| case.number.sequence()).collect();
        assert_eq!(sequences, [1, 3, 4], "{size:?}");
    }
}
