use super::*;

fn a_summary(sequence: u64) -> CaseSummary {
    CaseSummary {
        tags: Tags::default(),
        number: format!("CW-2026-{sequence:03}").parse().unwrap(),
        subject: "Login".parse().unwrap(),
        customer_name: "John Doe".parse().unwrap(),
        customer_email: Some("john@example.com".parse().unwrap()),
        customer_type: CustomerType::Business,
        status: Status::Open,
        urgency: Urgency::High,
        issue_type: IssueType::Technical,
        source: Source::Api,
        priority_score: PriorityScore::new(50).unwrap(),
        assigned_to: None,
        department: None,
        created_at: Timestamp::from_millis(0),
        last_activity: Timestamp::from_millis(0),
        estimated_resolution: Timestamp::from_millis(0),
        more: CaseColumns {
            organization: None,
            phone: None,
            project: None,
            escalation_level: EscalationLevel::default(),
            last_updated: Timestamp::from_millis(0),
            first_response: None,
            first_response_ended_at: None,
            first_response_due: Timestamp::from_millis(0),
            resolved_at: None,
            closed_at: None,
            first_response_alert: None,
            resolution_alert: None,
        },
    }
}

fn a_listing(start: PartStart) -> CaseListing {
    CaseListing {
        filter: CaseFilter::default(),
        sort: CaseSort::Relevance,
        order: SortOrder::Ascending,
        start,
        limit: NonZeroU32::new(2).unwrap(),
        size: ListSize::Small,
    }
}

fn page(number: u32) -> PartStart {
    PartStart::Page(NonZeroU32::new(number).unwrap())
}

#[test]
fn a_page_has_no_more_cases_than_requested() {
    let found = [SearchField::Customer, SearchField::Subject, SearchField::Number];
    let found: Vec<_> = (1..).map(a_summary).zip(found).collect();
    for (count, next) in [(0, None), (1, None), (2, None), (3, Some(2))] {
        let part = CasePart::cut(found[..count].to_vec(), &a_listing(page(1)));
        let cases: Vec<_> = (1..=2).map(a_summary).take(count).collect();
        let value = SearchField::Subject as i64;
        let next = next.map(|at| CasePosition { value, number: a_summary(at).number });
        assert_eq!(part, CasePart { cases, next }, "{count}");
    }
}

#[test]
fn one_more_case_than_requested_is_queried() {
    assert_eq!(a_listing(page(1)).sought(), 3);
    let limit = NonZeroU32::MAX;
    assert_eq!(CaseListing { limit, ..a_listing(page(1)) }.sought(), 1 << 32);
}

#[test]
fn matching_cases_are_collected_if_that_is_cheaper_than_a_scan() {
    let every = CaseFilter::default();
    let open = CaseFilter { status: vec![Status::Open], ..every.clone() };
    let recent = CaseFilter { created_from: Some(Timestamp::from_millis(0)), ..every.clone() };
    let search = CaseFilter { search: Some("login".parse().unwrap()), ..every.clone() };
    let (created, status) = (CaseSort::CreatedAt, CaseSort::Status);
    for (filter, sort, sizes_gone_through) in [
        (&every, status, ListSize::ALL),
        (&open, created, &[ListSize::Large]),
        (&recent, created, &[ListSize::Medium, ListSize::Large]),
        (&recent, status, &[ListSize::Large]),
        (&search, status, &[ListSize::Medium, ListSize::Large]),
        (&search, CaseSort::Relevance, &[]),
        (&every, CaseSort::Relevance, &[]),
    ] {
        for &size in ListSize::ALL {
            let listing = CaseListing { sort, size, ..a_listing(page(1)) };
            let listing = CaseListing { filter: filter.clone(), ..listing };
            let expected = sizes_gone_through.contains(&size);
            assert_eq!(listing.is_gone_through(), expected, "{listing:?}");
        }
    }
}

#[test]
fn earlier_pages_are_skipped() {
    let position = CasePosition { value: 0, number: a_summary(1).number };
    for (start, skipped) in [(page(1), 0), (page(4), 6), (PartStart::After(position), 0)] {
        assert_eq!(a_listing(start).skipped(), skipped);
    }
    let limit = NonZeroU32::MAX;
    assert_eq!(CaseListing { limit, ..a_listing(page(u32::MAX)) }.skipped(), i64::MAX);
}
