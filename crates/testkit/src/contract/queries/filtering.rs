//! Tests of the filters of `list_cases`.

use engage_domain::sla::SlaTimerState;
use engage_domain::{
    AssignRequest, Case, CustomerType, IssueType, OpenRequest, Policies, Source, Status, Timestamp,
    Urgency, Visibility,
};
use engage_repository::{AssigneeFilter, CaseFilter, CaseListing};

use super::{everything, list};
use crate::builders::{
    a_case_number, a_new_case, a_staff_member, a_stamp, an_opened, assigned, by, in_status,
    minutes_later, on_the_way_to, opened, opened_from, overdue, written,
};
use crate::contract::Store;

/// Returns the sequences of the listed cases, and checks them against the total.
async fn listed(store: &Store, filter: CaseFilter) -> Vec<u64> {
    let page = list(store, &CaseListing { filter, ..everything() }).await;
    let sequences: Vec<_> = page.cases.iter().map(|case| case.number.sequence()).collect();
    assert_eq!(page.total, sequences.len() as u64);
    sequences
}

pub async fn an_empty_filter_matches_every_case(store: &Store) {
    for sequence in 1..=3 {
        store.keep(an_opened(sequence)).await;
    }
    assert_eq!(listed(store, CaseFilter::default()).await, [1, 2, 3]);
}

pub async fn cases_are_filtered_by_status(store: &Store) {
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

pub async fn cases_are_filtered_by_urgency(store: &Store) {
    for (sequence, &urgency) in (1..).zip(Urgency::ALL) {
        let request = OpenRequest { urgency, ..a_new_case() };
        store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await;
    }
    let with = |urgency: &[Urgency]| CaseFilter { urgency: urgency.into(), ..Default::default() };
    for (sequence, &urgency) in (1..).zip(Urgency::ALL) {
        assert_eq!(listed(store, with(&[urgency])).await, [sequence], "{urgency}");
    }
    assert_eq!(listed(store, with(&[Urgency::Critical, Urgency::Low])).await, [1, 4]);
}

pub async fn cases_are_filtered_by_customer_type(store: &Store) {
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

pub async fn cases_are_filtered_by_issue_type(store: &Store) {
    for (sequence, &issue_type) in (1..).zip(IssueType::ALL) {
        let request = OpenRequest { issue_type, ..a_new_case() };
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

pub async fn cases_are_filtered_by_source(store: &Store) {
    for (sequence, &source) in (1..).zip(Source::ALL) {
        store.keep(opened_from(source, a_case_number(sequence))).await;
    }
    let with = |sources: &[Source]| CaseFilter { source: sources.to_vec(), ..Default::default() };
    for (sequence, &source) in (1..).zip(Source::ALL) {
        assert_eq!(listed(store, with(&[source])).await, [sequence], "{source}");
    }
    assert_eq!(listed(store, with(&[Source::Import, Source::Email])).await, [3, 5]);
    assert_eq!(listed(store, with(&[Source::Staff, Source::Api])).await, [1, 4]);
    let open = CaseFilter { status: vec![Status::Open], ..with(&[Source::Form]) };
    assert_eq!(listed(store, open).await, [2]);
    let closed = CaseFilter { status: vec![Status::Closed], ..with(&[Source::Form]) };
    assert_eq!(listed(store, closed).await, [0; 0]);
}

pub async fn cases_are_filtered_by_assignee(store: &Store) {
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

pub async fn an_unassigned_case_is_listed_as_unassigned_again(store: &Store) {
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
    let request =
        AssignRequest { to: None, department: Some(department.parse().unwrap()), notes: None };
    let stamp = a_stamp(by(&ann), minutes_later(1));
    store.keep(case.assign(request, &Policies::default(), stamp).unwrap().unwrap()).await;
}

pub async fn cases_are_filtered_by_department(store: &Store) {
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
    let spelled = store.queries.list_departments().await.expect("departments are listed");
    let differently = with(&["billing", "GRÖßE 大"]).with_departments(spelled);
    assert_eq!(listed(store, differently).await, [2, 4]);
    for absent in ["Bill", "Billin_", "%", "Sales", "1"] {
        assert!(listed(store, with(&[absent])).await.is_empty(), "{absent}");
    }
}

pub async fn cases_are_filtered_by_a_range_of_creation_times(store: &Store) {
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

pub async fn a_case_must_match_every_criterion(store: &Store) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let mut sequence = 0;
    for urgency in [Urgency::Low, Urgency::High] {
        for issue_type in [IssueType::Billing, IssueType::Technical] {
            for is_assigned in [false, true] {
                sequence += 1;
                let request = OpenRequest { urgency, issue_type, ..a_new_case() };
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

pub async fn cases_are_filtered_by_customer(store: &Store) {
    for (sequence, (email, organization, project)) in (1..).zip([
        ("Ann@Example.org", Some("Müller & Söhne, KG"), None),
        ("ann@example.org", Some("MÜLLER & SÖHNE, KG"), Some("Übergabe")),
        ("joann@example.org", Some("Müller"), Some("übergabe")),
        ("ann@example.org.example", None, Some("Ubergabe")),
        ("zed@other.example", Some("ООО Ромашка"), None),
        ("info@b\u{dc}cher.example", None, None),
        ("Info@xn--bcher-kva.example", None, None),
    ]) {
        let mut request = a_new_case();
        request.customer.email = Some(email.parse().unwrap());
        request.customer.organization = organization.map(|text| text.parse().unwrap());
        request.project = project.map(|text| text.parse().unwrap());
        store.keep(opened(request, a_case_number(sequence), minutes_later(0))).await;
    }
    let of = |emails: &[&str]| CaseFilter {
        customer_email: emails.iter().map(|text| text.parse().unwrap()).collect(),
        ..CaseFilter::default()
    };
    assert_eq!(listed(store, of(&["ANN@example.org"])).await, [1, 2]);
    assert_eq!(listed(store, of(&["ann@example.org", "Zed@other.example"])).await, [1, 2, 5]);
    assert!(listed(store, of(&["nn@example.org"])).await.is_empty());
    for domain in ["b\u{fc}cher.example", "XN--BCHER-KVA.example", "B\u{dc}CHER.EXAMPLE"] {
        assert_eq!(listed(store, of(&[&format!("info@{domain}")])).await, [6, 7], "{domain}");
    }
    let at = |texts: &[&str]| CaseFilter {
        organization: texts.iter().map(|text| text.parse().unwrap()).collect(),
        ..CaseFilter::default()
    };
    assert_eq!(listed(store, at(&["müller & söhne, kg"])).await, [1, 2]);
    assert_eq!(listed(store, at(&["müller", "ооо ромашка"])).await, [3, 5]);
    assert!(listed(store, at(&["Müller &", "%", "muller"])).await.is_empty());
    let on = CaseFilter { project: vec!["ÜBERGABE".parse().unwrap()], ..CaseFilter::default() };
    assert_eq!(listed(store, on.clone()).await, [2, 3]);
    let both = CaseFilter { customer_email: of(&["ann@example.org"]).customer_email, ..on };
    assert_eq!(listed(store, both).await, [2]);
}

pub async fn cases_are_filtered_by_their_last_change(store: &Store) {
    for sequence in 1..=3 {
        let case = store.keep(an_opened(sequence)).await;
        store.keep(in_status(&case, Status::OnHold, minutes_later(sequence))).await;
    }
    let between = |from: Option<u64>, to: Option<u64>| CaseFilter {
        updated_from: from.map(minutes_later),
        updated_to: to.map(minutes_later),
        ..CaseFilter::default()
    };
    assert_eq!(listed(store, between(Some(2), None)).await, [2, 3]);
    assert_eq!(listed(store, between(None, Some(2))).await, [1]);
    assert_eq!(listed(store, between(Some(2), Some(3))).await, [2]);
}

pub async fn cases_are_filtered_by_their_service_targets(store: &Store) {
    let member = a_staff_member("ann");
    store.hire(&member).await;
    let mut due = Vec::new();
    // Business customer, high urgency: first response due in 4 hours, resolution in 48.
    let (warned, late) = (minutes_later(3 * 60 + 30), minutes_later(5 * 60));
    for (sequence, steps) in (1..).zip([
        "",
        "warn",
        "breach",
        "answer",
        "answer hold",
        "cancel",
        "answer resolve",
        "hold",
        "breach answer",
        "resolve",
        "resolve reopen rest",
    ]) {
        let mut case = store.keep(an_opened(sequence)).await;
        due.push(case.facts().first_response_due);
        for step in steps.split_whitespace() {
            let decision = match step {
                "warn" => overdue(&case, warned),
                "breach" => overdue(&case, late),
                "answer" => {
                    let at = case.facts().last_activity;
                    written(&case, "Hello", Visibility::Public, by(&member), at)
                }
                "hold" => in_status(&case, Status::OnHold, minutes_later(10)),
                "resolve" => in_status(&case, Status::Resolved, minutes_later(10)),
                "reopen" => in_status(&case, Status::InProgress, minutes_later(11)),
                "rest" => in_status(&case, Status::OnHold, minutes_later(12)),
                _ => in_status(&case, Status::Cancelled, minutes_later(10)),
            };
            case = store.keep(decision).await;
        }
    }
    let with = |states: &[SlaTimerState]| CaseFilter {
        sla_state: states.to_vec(),
        ..CaseFilter::default()
    };
    let every = list(store, &everything()).await.cases;
    for &state in SlaTimerState::ALL {
        let expected: Vec<_> = every
            .iter()
            .filter(|case| case.sla_state() == state)
            .map(|case| case.number.sequence())
            .collect();
        assert_eq!(listed(store, with(&[state])).await, expected, "{state}");
    }
    assert_eq!(listed(store, with(&[SlaTimerState::Breached])).await, [3, 9]);
    assert_eq!(
        listed(store, with(&[SlaTimerState::Warning, SlaTimerState::Breached])).await,
        [2, 3, 9]
    );
    assert_eq!(listed(store, with(&[SlaTimerState::Pending])).await, [1, 4, 8]);
    assert_eq!(listed(store, with(&[SlaTimerState::Paused, SlaTimerState::Met])).await, [5, 7, 11]);
    assert_eq!(listed(store, with(&[SlaTimerState::Cancelled])).await, [6, 10]);
    assert_eq!(listed(store, with(SlaTimerState::ALL)).await.len(), 11);

    let before = |time| CaseFilter { due_before: Some(time), ..CaseFilter::default() };
    assert!(listed(store, before(due[0])).await.is_empty());
    let moment = std::time::Duration::from_millis(1);
    assert_eq!(listed(store, before(due[0].plus(moment))).await, [1, 2, 3, 8]);
    assert_eq!(listed(store, before(minutes_later(49 * 60))).await, [1, 2, 3, 4, 8, 9]);
}
