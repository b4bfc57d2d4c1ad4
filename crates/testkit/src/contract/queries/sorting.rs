//! Tests of the orders of `list_cases`.

use std::fmt::Debug;

use engage_domain::{CaseNumber, CustomerType, IssueType, OpenRequest, Status, Urgency};
use engage_repository::{
    AssigneeFilter, CaseFilter, CaseListing, CaseSort, CaseSummary, PartStart, SortOrder,
};

use super::{everything, list, numbers, page};
use crate::builders::{
    a_case_number, a_new_case, a_staff_member, an_opened, by, escalated, in_status, minutes_later,
    on_the_way_to, opened,
};
use crate::contract::Store;

/// Stores cases of every urgency and status in mixed order, with many ties in every property.
async fn a_mixed_bag(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    for place in 0..28_u64 {
        // 5 and 29 have no common factor, so every sequence occurs once, far from its neighbours.
        let sequence = 985 + (place * 5 + 3) % 29;
        let pick = usize::try_from(sequence).unwrap();
        let mut request = OpenRequest {
            urgency: Urgency::ALL[pick % 4],
            issue_type: IssueType::ALL[pick % 3],
            ..a_new_case()
        };
        request.customer.customer_type = CustomerType::ALL[pick % 2];
        if pick.is_multiple_of(3) {
            request.subject = "It is slow".parse().unwrap();
            request.message = "The dashboard.".parse().unwrap();
        }
        let opened_at = minutes_later(sequence * 7 % 5);
        let mut case = store.keep(opened(request, a_case_number(sequence), opened_at)).await;
        if place % 6 == 0 {
            case = store.keep(escalated(&case, by(&agent), minutes_later(10 + place % 4))).await;
        }
        let changed_at = minutes_later(20 + sequence % 4);
        for decision in on_the_way_to(&case, Status::ALL[pick % 7], changed_at) {
            store.keep(decision).await;
        }
    }
    for number in ["CW-2024-1500", "CW-2026-001", "AB-2025-990", "ZZ-2025-990"] {
        let number: CaseNumber = number.parse().unwrap();
        let year_later = minutes_later(u64::try_from(number.year() - 2024).unwrap());
        store.keep(opened(a_new_case(), number, year_later)).await;
    }
}

async fn assert_sorted<K: Ord + Debug>(
    store: &Store,
    sort: CaseSort,
    property: impl Fn(&CaseSummary) -> K,
) {
    a_mixed_bag(store).await;
    let mut expected = list(store, &everything()).await.cases;
    assert_eq!(expected.len(), 32);
    expected.sort_by_cached_key(|case| (property(case), case.number.clone()));
    assert!(expected.windows(2).any(|pair| property(&pair[0]) == property(&pair[1])));
    for &order in SortOrder::ALL {
        let listed = list(store, &CaseListing { sort, order, ..everything() }).await;
        assert_eq!(listed.total, 32);
        let show = |cases: &[CaseSummary]| -> Vec<String> {
            cases.iter().map(|case| format!("{:?} {}", property(case), case.number)).collect()
        };
        assert_eq!(show(&listed.cases), show(&expected), "{sort:?} {order:?}");
        expected.reverse();
    }
}

pub async fn cases_sort_by_creation_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::CreatedAt, |case| case.created_at).await;
}

pub async fn cases_sort_by_last_activity_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::LastActivity, |case| case.last_activity).await;
}

pub async fn cases_sort_by_urgency_from_low_to_critical_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::Urgency, |case| case.urgency).await;
}

pub async fn cases_sort_by_priority_score_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::PriorityScore, |case| case.priority_score).await;
}

pub async fn cases_sort_by_estimated_resolution_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::EstimatedResolution, |case| case.estimated_resolution).await;
}

pub async fn cases_sort_by_status_in_the_order_of_the_lifecycle_and_ties_by_number(store: &Store) {
    assert_sorted(store, CaseSort::Status, |case| case.status).await;
}

pub async fn cases_sort_by_the_year_and_the_value_of_their_numbers(store: &Store) {
    for number in ["CW-2026-001", "CW-2025-1000", "CW-2025-002", "CW-2025-999", "CW-2024-5000"] {
        store.keep(opened(a_new_case(), number.parse().unwrap(), minutes_later(1))).await;
    }
    let ascending = ["CW-2024-5000", "CW-2025-002", "CW-2025-999", "CW-2025-1000", "CW-2026-001"];
    assert_eq!(numbers(&list(store, &everything()).await), ascending);
    let mut descending = ascending;
    descending.reverse();
    let listing = CaseListing { order: SortOrder::Descending, ..everything() };
    assert_eq!(numbers(&list(store, &listing).await), descending);
}

/// Returns every order of the list: for all cases, for cases in some states, and for those that
/// match a word.
fn every_listing() -> impl Iterator<Item = CaseListing> {
    let all = CaseFilter::default();
    let status = vec![Status::Open, Status::InProgress, Status::Closed, Status::Open];
    let customer_type = vec![CustomerType::Business, CustomerType::Free];
    let search = Some("dashboard".parse().unwrap());
    let filters = [
        all.clone(),
        CaseFilter { status: status.clone(), ..all.clone() },
        CaseFilter { customer_type: customer_type.clone(), ..all.clone() },
        CaseFilter { urgency: vec![Urgency::High, Urgency::Low], ..all.clone() },
        CaseFilter { assigned_to: vec![AssigneeFilter::Unassigned], ..all.clone() },
        CaseFilter { created_from: Some(minutes_later(1)), ..all.clone() },
        CaseFilter { search: search.clone(), ..all.clone() },
        CaseFilter { status, customer_type, search, ..all },
    ];
    filters.into_iter().flat_map(|filter| {
        CaseSort::ALL.iter().flat_map(move |&sort| {
            let filter = filter.clone();
            SortOrder::ALL.iter().map(move |&order| {
                let filter = filter.clone();
                CaseListing { filter, sort, order, ..everything() }
            })
        })
    })
}

pub async fn pages_never_overlap_and_together_are_complete_in_every_order(store: &Store) {
    a_mixed_bag(store).await;
    for listing in every_listing() {
        let whole = list(store, &listing).await;
        assert!(whole.cases.len() > 7, "{listing:?}");
        let mut parts = Vec::new();
        for number in 1..=5 {
            let part = list(store, &page(listing.clone(), number, 7)).await;
            assert_eq!(part.total, whole.total);
            parts.extend(part.cases);
        }
        assert_eq!(parts, whole.cases, "{listing:?}");
    }
}

pub async fn following_the_cursor_yields_the_complete_list_in_every_order(store: &Store) {
    a_mixed_bag(store).await;
    for listing in every_listing() {
        let whole = list(store, &listing).await;
        assert_eq!(whole.next, None, "{listing:?}");
        let mut part = list(store, &page(listing.clone(), 1, 5)).await;
        let mut parts = part.cases;
        while let Some(position) = part.next {
            let last = parts.last().expect("a list with a next page has a first one");
            assert_eq!(position.number, last.number, "{listing:?}");
            let start = PartStart::After(position);
            part = list(store, &CaseListing { start, ..page(listing.clone(), 1, 5) }).await;
            parts.extend(part.cases);
        }
        assert_eq!(parts, whole.cases, "{listing:?}");
    }
}

pub async fn a_list_that_ends_with_a_full_page_has_no_next_page(store: &Store) {
    a_mixed_bag(store).await;
    let last = list(store, &page(everything(), 4, 8)).await;
    assert_eq!((last.cases.len(), last.next), (8, None));
    let one_before = list(store, &page(everything(), 3, 8)).await;
    assert_eq!(one_before.next.map(|next| next.number), Some(one_before.cases[7].number.clone()));
}

pub async fn a_cursor_stays_valid_when_its_case_no_longer_matches(store: &Store) {
    let mut cases = Vec::new();
    for sequence in 1..=5 {
        cases.push(store.keep(an_opened(sequence)).await);
    }
    let filter = CaseFilter { status: vec![Status::Open], ..CaseFilter::default() };
    let listing = page(CaseListing { filter, ..everything() }, 1, 2);
    let start = PartStart::After(list(store, &listing).await.next.unwrap());
    store.keep(in_status(&cases[1], Status::OnHold, minutes_later(1))).await;
    let rest = list(store, &CaseListing { start, ..listing }).await;
    assert_eq!(numbers(&rest), ["CW-2025-003", "CW-2025-004"]);
}
