//! Tests of reading the history of events.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use engage_domain::trace::TraceState;
use engage_domain::{CaseNumber, Decision, Status, Version};
use engage_notifier::Snapshot;
use engage_repository::{ChangeSet, Erasure, EventOrigin, EventPosition, FeedEvent, SearchWords};

use crate::builders::{
    a_case_number, a_change_set, a_staff_member, a_trace, an_opened, by, escalated, in_status,
    minutes_later,
};
use crate::contract::{Store, all_at_once};

fn number_of(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

async fn of_case(
    store: &Store,
    number: &CaseNumber,
    after: Option<u32>,
    limit: u32,
) -> Option<Vec<u32>> {
    let after = after.and_then(Version::new);
    let listed = store.history.list_case_events(number, after, number_of(limit)).await;
    let texts = listed.expect("events are listed")?;
    Some(texts.iter().map(|text| read(text).data.event.sequence.get()).collect())
}

fn read(text: &str) -> Snapshot {
    serde_json::from_str(text).expect("a snapshot is stored unchanged")
}

async fn of_all(store: &Store, after: EventPosition, limit: u32) -> Vec<FeedEvent> {
    store.history.list_events(after, number_of(limit)).await.expect("events are listed")
}

async fn end(store: &Store) -> EventPosition {
    store.history.last_position().await.expect("the last position is read")
}

/// Returns the case number and version of each event.
fn names(events: &[FeedEvent]) -> Vec<(u64, u32)> {
    let name = |event: &FeedEvent| {
        let data = read(&event.snapshot).data;
        (data.case.case_number.sequence(), data.event.sequence.get())
    };
    events.iter().map(name).collect()
}

/// Creates a case with three events.
async fn a_story(store: &Store, sequence: u64) -> CaseNumber {
    let case = store.keep(an_opened(sequence)).await;
    let case = store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    let agent = a_staff_member("agent");
    store.keep(escalated(&case, by(&agent), minutes_later(2))).await.number().clone()
}

pub async fn an_unknown_number_has_no_history(store: &Store) {
    a_story(store, 1).await;
    assert_eq!(of_case(store, &a_case_number(2), None, 10).await, None);
}

pub async fn the_events_of_a_case_are_listed_in_order_up_to_the_limit(store: &Store) {
    let number = a_story(store, 1).await;
    a_story(store, 2).await;
    assert_eq!(of_case(store, &number, None, 10).await, Some(vec![1, 2, 3]));
    assert_eq!(of_case(store, &number, None, 2).await, Some(vec![1, 2]));
    assert_eq!(of_case(store, &number, Some(2), 10).await, Some(vec![3]));
    assert_eq!(of_case(store, &number, Some(3), 10).await, Some(vec![]));
}

pub async fn a_snapshot_is_read_as_stored(store: &Store) {
    let opening = an_opened(1);
    let expected = Snapshot::new(&opening.event, opening.case.facts(), None);
    store.keep(opening).await;
    let events = of_all(store, EventPosition::default(), 10).await;
    assert_eq!(read(&events[0].snapshot), expected);
    let listed = store.history.list_case_events(&a_case_number(1), None, number_of(1)).await;
    assert_eq!(read(&listed.unwrap().unwrap()[0]), expected);
}

pub async fn an_empty_history_has_no_event_and_no_position(store: &Store) {
    assert_eq!(of_all(store, EventPosition::default(), 10).await, []);
    assert_eq!(end(store).await, EventPosition::default());
}

pub async fn an_event_is_visible_once_its_commit_returns(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let first = of_all(store, EventPosition::default(), 10).await;
    assert_eq!(names(&first), [(1, 1)]);
    assert_eq!(end(store).await, first[0].position);
    store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    let second = of_all(store, first[0].position, 10).await;
    assert_eq!(names(&second), [(1, 2)]);
    assert_eq!(end(store).await, second[0].position);
}

pub async fn a_position_never_changes(store: &Store) {
    a_story(store, 1).await;
    let before = of_all(store, EventPosition::default(), 10).await;
    a_story(store, 2).await;
    let after = of_all(store, EventPosition::default(), 10).await;
    assert_eq!(after[..3], before);
}

pub async fn a_reader_that_resumes_from_the_last_position_misses_nothing(store: &Store) {
    for sequence in 1..=5 {
        a_story(store, sequence).await;
    }
    let mut seen = Vec::new();
    let mut after = EventPosition::default();
    loop {
        let part = of_all(store, after, 4).await;
        let Some(last) = part.last() else { break };
        assert!(part.len() <= 4);
        after = last.position;
        seen.extend(part);
    }
    assert!(seen.is_sorted_by(|a, b| a.position < b.position));
    let different: BTreeSet<_> = names(&seen).into_iter().collect();
    assert_eq!((seen.len(), different.len()), (15, 15));
}

/// Readers follow the feed while as many tasks write.
pub async fn readers_miss_nothing_during_concurrent_writes(store: &Store) {
    const CASES: u64 = 40;
    let writers = (1..=CASES).map(|sequence| {
        let store = store.clone();
        async move {
            a_story(&store, sequence).await;
            Vec::new()
        }
    });
    let readers = (0..3).map(|_| {
        let store = store.clone();
        async move {
            let mut seen = Vec::new();
            let mut after = EventPosition::default();
            while seen.len() < 3 * usize::try_from(CASES).unwrap() {
                let part = of_all(&store, after, 7).await;
                after = part.last().map_or(after, |event| event.position);
                seen.extend(part);
                tokio::task::yield_now().await;
            }
            seen
        }
    });
    let tasks: Vec<std::pin::Pin<Box<dyn Future<Output = Vec<FeedEvent>> + Send>>> = writers
        .map(|task| Box::pin(task) as _)
        .chain(readers.map(|task| Box::pin(task) as _))
        .collect();
    let read: Vec<_> =
        all_at_once(tasks).await.into_iter().filter(|seen| !seen.is_empty()).collect();
    assert_eq!(read.len(), 3);
    for seen in &read {
        assert_eq!(names(seen).into_iter().collect::<BTreeSet<_>>().len(), seen.len());
        assert_eq!(seen, &read[0]);
        for sequence in 1..=CASES {
            let of_one: Vec<_> =
                names(seen).into_iter().filter(|name| name.0 == sequence).collect();
            assert_eq!(of_one, [(sequence, 1), (sequence, 2), (sequence, 3)]);
        }
    }
}

pub async fn a_failed_change_has_no_position(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    let stale: Decision = in_status(&case, Status::Resolved, minutes_later(2));
    assert!(store.commit(stale, Vec::new()).await.is_err());
    assert_eq!(names(&of_all(store, EventPosition::default(), 10).await), [(1, 1), (1, 2)]);
}

async fn origins(
    store: &Store,
    number: &CaseNumber,
    after: Option<u32>,
) -> Option<Vec<(u32, EventOrigin)>> {
    let after = after.and_then(Version::new);
    let listed = store.history.list_event_origins(number, after, number_of(10)).await;
    let origins = listed.expect("origins are listed")?;
    Some(origins.into_iter().map(|(version, origin)| (version.get(), origin)).collect())
}

pub async fn the_origin_of_a_change_is_retained_until_its_address_is_erased(store: &Store) {
    let from = |address: &str| EventOrigin {
        credential: Some("tok_1".to_owned()),
        address: Some(address.parse().unwrap()),
        request_id: Some("req/1".to_owned()),
        trace: Some(a_trace()),
    };
    let commit = async |decision: Decision, origin: EventOrigin| {
        let case = decision.case.clone();
        let change_set = ChangeSet { origin, ..a_change_set(decision, Vec::new()) };
        store.cases.commit(change_set).await.expect("a valid change is stored");
        case
    };
    let number = an_opened(1).case.number().clone();
    assert_eq!(origins(store, &number, None).await, None);
    let case = commit(an_opened(1), from("203.0.113.9")).await;
    let case = commit(
        escalated(&case, by(&a_staff_member("ann")), minutes_later(5)),
        EventOrigin::default(),
    )
    .await;
    let case = commit(
        escalated(&case, by(&a_staff_member("ann")), minutes_later(15)),
        from("2001:db8::7"),
    )
    .await;
    let (first, last) = (from("203.0.113.9"), from("2001:db8::7"));
    let expected = vec![(1, first.clone()), (2, EventOrigin::default()), (3, last.clone())];
    assert_eq!(origins(store, &number, None).await, Some(expected.clone()));
    assert_eq!(origins(store, &number, Some(2)).await, Some(expected[2..].to_vec()));
    let erasure = Erasure {
        case: case.facts().id,
        before: case.version(),
        snapshots: Vec::new(),
        words: SearchWords::of_case(&case, &[], usize::MAX),
    };
    store.erasure.erase(erasure).await.unwrap();
    let trace = Some(a_trace().with_state(TraceState::default()));
    let erased = EventOrigin { address: None, trace, ..first };
    let expected = vec![(1, erased), (2, EventOrigin::default()), (3, last)];
    assert_eq!(origins(store, &number, None).await, Some(expected));
}
