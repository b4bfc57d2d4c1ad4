//! Tests of the pages of `list_cases` and of the summary of each case.

use engage_domain::{EmailAddress, Status};
use engage_repository::{CaseColumns, CaseFilter, CaseListing, CaseSummary};

use super::{everything, list, numbers, page};
use crate::builders::{
    a_case_number, a_new_case_with_everything, a_staff_member, a_staff_member_with_everything,
    an_opened, assigned, by, escalated, in_status, minutes_later, opened,
};
use crate::contract::Store;

pub async fn an_empty_store_lists_nothing(store: &Store) {
    let listed = list(store, &everything()).await;
    assert_eq!((listed.cases, listed.total), (Vec::new(), 0));
}

pub async fn a_page_has_the_requested_size(store: &Store) {
    for sequence in 1..=7 {
        store.keep(an_opened(sequence)).await;
    }
    for ((part, limit), expected) in [
        ((1, 3), vec!["CW-2025-001", "CW-2025-002", "CW-2025-003"]),
        ((2, 3), vec!["CW-2025-004", "CW-2025-005", "CW-2025-006"]),
        ((3, 3), vec!["CW-2025-007"]),
        ((7, 1), vec!["CW-2025-007"]),
    ] {
        let listed = list(store, &page(everything(), part, limit)).await;
        assert_eq!(numbers(&listed), expected);
    }
}

pub async fn every_page_has_the_total_even_past_the_end(store: &Store) {
    for sequence in 1..=6 {
        store.keep(an_opened(sequence)).await;
    }
    for ((part, limit), length) in
        [((1, 4), 4), ((2, 4), 2), ((3, 4), 0), ((2, 6), 0), ((u32::MAX, u32::MAX), 0)]
    {
        let listed = list(store, &page(everything(), part, limit)).await;
        assert_eq!((listed.cases.len(), listed.total), (length, 6), "page {part} of {limit}");
    }
}

pub async fn the_total_counts_the_matching_cases(store: &Store) {
    for sequence in 1..=9 {
        let case = store.keep(an_opened(sequence)).await;
        if sequence % 3 == 0 {
            store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
        }
    }
    let filter = CaseFilter { status: vec![Status::OnHold], ..CaseFilter::default() };
    for ((part, limit), expected) in [
        ((1, 2), vec!["CW-2025-003", "CW-2025-006"]),
        ((2, 2), vec!["CW-2025-009"]),
        ((3, 2), vec![]),
    ] {
        let listing = CaseListing { filter: filter.clone(), ..everything() };
        let listing = page(listing, part, limit);
        let listed = list(store, &listing).await;
        assert_eq!(
            (numbers(&listed), listed.total),
            (expected.into_iter().map(str::to_owned).collect(), 3)
        );
    }
}

pub async fn a_listed_case_has_the_data_of_the_case(store: &Store) {
    let agent = a_staff_member_with_everything("agent");
    let colleague = a_staff_member("colleague");
    store.hire(&agent).await;
    store.hire(&colleague).await;
    let case =
        store.keep(opened(a_new_case_with_everything(), a_case_number(1), minutes_later(0))).await;
    let case = store.keep(escalated(&case, by(&colleague), minutes_later(1))).await;
    let case = store.keep(assigned(&case, Some(&agent), by(&colleague), minutes_later(2))).await;
    let plain = store.keep(an_opened(2)).await;

    let listed = list(store, &everything()).await.cases;
    for (summary, (case, assignee)) in
        listed.into_iter().zip([(case, Some(agent.to_ref())), (plain, None)])
    {
        let facts = case.into_facts();
        let [listed, opened] = [&summary.customer_email, &facts.customer.email];
        assert_eq!(
            listed.as_ref().map(EmailAddress::as_str),
            opened.as_ref().map(EmailAddress::as_str)
        );
        let more = CaseColumns {
            organization: facts.customer.organization,
            phone: facts.customer.phone,
            project: facts.project,
            escalation_level: facts.escalation_level,
            last_updated: facts.last_updated,
            first_response: facts.first_response,
            first_response_ended_at: facts.first_response_ended_at,
            first_response_due: facts.first_response_due,
            resolved_at: None,
            closed_at: None,
            first_response_alert: facts.first_response_alert,
            resolution_alert: facts.resolution_alert,
        };
        let expected = CaseSummary {
            number: facts.number,
            subject: facts.subject,
            customer_name: facts.customer.name,
            customer_email: facts.customer.email,
            customer_type: facts.customer.customer_type,
            status: facts.status,
            urgency: facts.urgency,
            issue_type: facts.issue_type,
            source: facts.source,
            priority_score: facts.priority_score,
            assigned_to: assignee,
            department: facts.department,
            created_at: facts.created_at,
            last_activity: facts.last_activity,
            estimated_resolution: facts.estimated_resolution,
            tags: facts.tags,
            more,
        };
        assert_eq!(summary, expected);
    }
}

pub async fn a_summary_shows_when_a_case_was_resolved_and_closed(store: &Store) {
    for (sequence, way) in (1..).zip([
        &[][..],
        &[Status::Resolved],
        &[Status::Resolved, Status::Closed],
        &[Status::Resolved, Status::InProgress, Status::Resolved, Status::Closed],
        &[Status::Cancelled],
    ]) {
        let mut case = store.keep(an_opened(sequence)).await;
        for (minute, &status) in (1..).zip(way) {
            case = store.keep(in_status(&case, status, minutes_later(minute))).await;
        }
    }
    let listed = list(store, &everything()).await.cases;
    let times: Vec<_> =
        listed.iter().map(|case| (case.more.resolved_at, case.more.closed_at)).collect();
    let at = |minute| Some(minutes_later(minute));
    assert_eq!(times, [(None, None), (at(1), None), (at(1), at(2)), (at(3), at(4)), (None, at(1))]);
}
