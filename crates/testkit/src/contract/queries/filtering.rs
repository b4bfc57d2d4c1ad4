//! Which cases `list_cases` lists.

use engage_domain::{
    Assign, Case, CustomerType, IssueType, NewCase, Policies, Status, Timestamp, Urgency,
};
use engage_repository::{AssigneeFilter, CaseFilter, CaseListing};

use super::{everything, list};
use crate::builders::{
    a_case_number, a_new_case, a_staff_member, a_stamp, an_opened, assigned, by, minutes_later,
    on_the_way_to, opened,
};
use crate::contract::Store;

/// The sequences of the listed cases, which the total must agree with.
async fn listed(store: &Store, filter: CaseFilter) -> Vec<u64> {
    let page = list(store, &CaseListing { filter, ..everything() }).await;
    let sequences: Vec<_> = page.cases.iter().map(|case| case.number.sequence()).collect();
    assert_eq!(page.total, sequences.len() as u64);
    sequences
}

pub async fn a_filter_with_no_criterion_is_met_by_every_case(store: &Store) {
    for sequence in 1..=3 {
        store.keep(an_opened(sequence)).await;
    }
    assert_eq!(listed(store, CaseFilter::default()).await, [1, 2, 3]);
}

pub async fn cases_are_filtered_by_one_status_or_several(store: &Store) {
    for (sequence, &status) in (1..).zip(Status::ALL) {
        let case = store.keep(an_opened(sequence)).await;
        for decision in on_the_way_to(&case, status, minutes_later(1)) {
            store.keep(decision).await;
        }
    }
    let with = |status: &[Status]| CaseFilter { status: status.to_vec(), ..CaseFilter::default() };
    for (sequence, &status) in (1..).zip(Status::ALL) {
        assert_eq!(listed(store, with(&[status])).await, [sequence], "{status}");
    }
    let several = with(&[Status::Cancelled, Status::Open, Status::OnHold]);
    assert_eq!(listed(store, several).await, [1, 4, 7]);
    assert_eq!(listed(store, with(Status::ALL)).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(listed(store, with(&[Status::Open, Status::Open])).await, [1]);
}

pub async fn cases_are_filtered_by_one_urgency_or_several(store: &Store) {
    for (sequence, &urgency) in (1..).zip(Urgency::ALL) {
        let request = NewCase { urgency, ..a_new_case() };
        store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await;
    }
    let with = |urgency: &[Urgency]| CaseFilter { urgency: urgency.into(), ..Default::default() };
    for (sequence, &urgency) in (1..).zip(Urgency::ALL) {
        assert_eq!(listed(store, with(&[urgency])).await, [sequence], "{urgency}");
    }
    assert_eq!(listed(store, with(&[Urgency::Critical, Urgency::Low])).await, [1, 4]);
}

pub async fn cases_are_filtered_by_one_customer_type_or_several(store: &Store) {
    for (sequence, &customer_type) in (1..).zip(CustomerType::ALL) {
        let mut request = a_new_case();
        request.customer.customer_type = customer_type;
        store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await;
    }
    let with = |types: &[CustomerType]| CaseFilter {
        customer_type: types.to_vec(),
        ..CaseFilter::default()
    };
    for (sequence, &customer_type) in (1..).zip(CustomerType::ALL) {
        assert_eq!(listed(store, with(&[customer_type])).await, [sequence], "{customer_type}");
    }
    let several = with(&[CustomerType::Enterprise, CustomerType::Free]);
    assert_eq!(listed(store, several).await, [1, 3]);
}

pub async fn cases_are_filtered_by_one_issue_type_or_several(store: &Store) {
    for (sequence, &issue_type) in (1..).zip(IssueType::ALL) {
        let request = NewCase { issue_type, ..a_new_case() };
        store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await;
    }
    let with =
        |types: &[IssueType]| CaseFilter { issue_type: types.to_vec(), ..CaseFilter::default() };
    for (sequence, &issue_type) in (1..).zip(IssueType::ALL) {
        assert_eq!(listed(store, with(&[issue_type])).await, [sequence], "{issue_type}");
    }
    let several = with(&[IssueType::General, IssueType::Technical]);
    assert_eq!(listed(store, several).await, [1, 3]);
}

pub async fn cases_are_filtered_by_who_works_on_them(store: &Store) {
    let (ann, ben, eve) = (a_staff_member("ann"), a_staff_member("ben"), a_staff_member("eve"));
    for member in [&ann, &ben, &eve] {
        store.hire(member).await;
    }
    for (sequence, assignee) in (1..).zip([Some(&ann), None, Some(&ben), Some(&ann), None]) {
        let case = store.keep(an_opened(sequence)).await;
        if assignee.is_some() {
            store.keep(assigned(&case, assignee, by(&eve), minutes_later(1))).await;
        }
    }
    let staff = |id: &str| AssigneeFilter::Staff(id.parse().unwrap());
    for (wanted, expected) in [
        (vec![staff("ann")], vec![1, 4]),
        (vec![staff("ben")], vec![3]),
        (vec![staff("ann"), staff("ben")], vec![1, 3, 4]),
        (vec![AssigneeFilter::Unassigned], vec![2, 5]),
        (vec![AssigneeFilter::Unassigned, staff("ben")], vec![2, 3, 5]),
        (vec![staff("ben"), AssigneeFilter::Unassigned, staff("ann")], vec![1, 2, 3, 4, 5]),
        (vec![staff("eve")], vec![]),
        (vec![staff("nobody")], vec![]),
        (vec![staff("nobody"), AssigneeFilter::Unassigned], vec![2, 5]),
    ] {
        let filter = CaseFilter { assigned_to: wanted.clone(), ..CaseFilter::default() };
        assert_eq!(listed(store, filter).await, expected, "{wanted:?}");
    }
}

pub async fn a_case_that_was_taken_back_is_unassigned_again(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(assigned(&case, Some(&ann), by(&ann), minutes_later(1))).await;
    store.keep(assigned(&case, None, by(&ann), minutes_later(2))).await;
    let with = |wanted| CaseFilter { assigned_to: vec![wanted], ..CaseFilter::default() };
    assert_eq!(listed(store, with(AssigneeFilter::Unassigned)).await, [1]);
    assert!(listed(store, with(AssigneeFilter::Staff(ann.id))).await.is_empty());
}

async fn put_in_department(store: &Store, case: &Case, department: &str) {
    let ann = a_staff_member("ann");
    let request = Assign { to: None, department: Some(department.parse().unwrap()), notes: None };
    let stamp = a_stamp(by(&ann), minutes_later(1));
    store.keep(case.assign(request, &Policies::default(), stamp).unwrap().unwrap()).await;
}

pub async fn cases_are_filtered_by_one_department_or_several(store: &Store) {
    store.hire(&a_staff_member("ann")).await;
    let departments = ["Technical Support", "Billing", "Q&A 'tier 2'; --", "Größe 大", "100%"];
    for (sequence, department) in (1..).zip(departments) {
        let case = store.keep(an_opened(sequence)).await;
        put_in_department(store, &case, department).await;
    }
    store.keep(an_opened(6)).await;
    let with = |departments: &[&str]| CaseFilter {
        department: departments.iter().map(|text| text.parse().unwrap()).collect(),
        ..CaseFilter::default()
    };
    for (sequence, department) in (1..).zip(departments) {
        assert_eq!(listed(store, with(&[department])).await, [sequence], "{department}");
    }
    assert_eq!(listed(store, with(&["100%", "Billing"])).await, [2, 5]);
    for absent in ["Bill", "Billin_", "%", "Sales", "1"] {
        assert!(listed(store, with(&[absent])).await.is_empty(), "{absent}");
    }
}

pub async fn cases_are_filtered_by_creation_from_an_instant_and_before_another(store: &Store) {
    for sequence in 1..=5 {
        let at = minutes_later(sequence);
        store.keep(opened(a_new_case(), a_case_number(sequence), at)).await;
    }
    let between = |from: Option<Timestamp>, to: Option<Timestamp>| CaseFilter {
        created_from: from,
        created_to: to,
        ..CaseFilter::default()
    };
    let minute = |minute| Some(minutes_later(minute));
    let a_moment_after =
        |minute| Some(minutes_later(minute).plus(std::time::Duration::from_millis(1)));
    assert_eq!(listed(store, between(minute(2), None)).await, [2, 3, 4, 5]);
    assert_eq!(listed(store, between(a_moment_after(2), None)).await, [3, 4, 5]);
    assert_eq!(listed(store, between(None, minute(4))).await, [1, 2, 3]);
    assert_eq!(listed(store, between(None, a_moment_after(4))).await, [1, 2, 3, 4]);
    assert_eq!(listed(store, between(minute(2), minute(4))).await, [2, 3]);
    assert!(listed(store, between(minute(3), minute(3))).await.is_empty());
    assert!(listed(store, between(minute(4), minute(2))).await.is_empty());
}

pub async fn a_case_must_fit_every_criterion(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let mut sequence = 0;
    for urgency in [Urgency::Low, Urgency::High] {
        for issue_type in [IssueType::Billing, IssueType::Technical] {
            for is_assigned in [false, true] {
                sequence += 1;
                let request = NewCase { urgency, issue_type, ..a_new_case() };
                let at = minutes_later(sequence);
                let case = store.keep(opened(request, a_case_number(sequence), at)).await;
                if is_assigned {
                    store.keep(assigned(&case, Some(&ann), by(&ann), at)).await;
                }
            }
        }
    }
    let filter = CaseFilter { urgency: vec![Urgency::High], ..CaseFilter::default() };
    assert_eq!(listed(store, filter.clone()).await, [5, 6, 7, 8]);
    let filter = CaseFilter { issue_type: vec![IssueType::Technical], ..filter };
    assert_eq!(listed(store, filter.clone()).await, [7, 8]);
    let unassigned = vec![AssigneeFilter::Unassigned];
    let filter = CaseFilter { assigned_to: unassigned, ..filter };
    assert_eq!(listed(store, filter.clone()).await, [7]);
    let filter = CaseFilter { status: vec![Status::Open, Status::InProgress], ..filter };
    let filter = CaseFilter { customer_type: vec![CustomerType::Business], ..filter };
    let filter = CaseFilter { created_from: Some(minutes_later(7)), ..filter };
    assert_eq!(listed(store, filter.clone()).await, [7]);
    let filter = CaseFilter { created_to: Some(minutes_later(7)), ..filter };
    assert!(listed(store, filter).await.is_empty());
}
