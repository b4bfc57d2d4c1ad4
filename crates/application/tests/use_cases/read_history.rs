use std::num::NonZeroU32;
use std::sync::Arc;

use engage_application::{CaseError, ReadHistory};
use engage_domain::{CaseNumber, Decision, Status, Version};
use engage_notifier::Snapshot;
use engage_repository::{EventPosition, FeedEvent, MockEventHistory, RepositoryError};
use engage_testkit::builders::{a_case_number, an_opened, in_status, minutes_later};
use mockall::predicate::eq;

fn text(decision: &Decision) -> String {
    serde_json::to_string(&snapshot(decision)).unwrap()
}

fn snapshot(decision: &Decision) -> Snapshot {
    Snapshot::new(&decision.event, decision.case.facts(), None)
}

/// Two events of one case.
fn a_story() -> [Decision; 2] {
    let opening = an_opened(1);
    let held = in_status(&opening.case, Status::OnHold, minutes_later(1));
    [opening, held]
}

fn two() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(1)
}

#[tokio::test]
async fn a_page_has_the_requested_size_and_reports_more_events() {
    let story = a_story();
    let texts: Vec<String> = story.iter().map(text).collect();
    let mut history = MockEventHistory::new();
    history
        .expect_list_case_events()
        .with(eq(a_case_number(1)), eq(None), eq(two()))
        .once()
        .returning(move |_, _, _| Ok(Some(texts.clone())));
    let read = ReadHistory::new(Arc::new(history));
    let part = read.of_case(&a_case_number(1), None, NonZeroU32::MIN).await.unwrap();
    assert_eq!(part.events, [snapshot(&story[0])]);
    assert_eq!((part.last, part.has_more), (Some(Version::FIRST), true));
}

#[tokio::test]
async fn at_the_end_the_position_does_not_change() {
    let mut history = MockEventHistory::new();
    history.expect_list_case_events().once().returning(|_, _, _| Ok(Some(Vec::new())));
    history.expect_list_events().once().returning(|_, _| Ok(Vec::new()));
    let read = ReadHistory::new(Arc::new(history));
    let after = Version::new(7);
    let part = read.of_case(&a_case_number(1), after, two()).await.unwrap();
    assert_eq!((part.last, part.has_more), (after, false));
    let part = read.of_all(EventPosition(4711), two()).await.unwrap();
    assert_eq!((part.last, part.has_more), (EventPosition(4711), false));
}

#[tokio::test]
async fn events_of_all_cases_come_with_their_positions() {
    let story = a_story();
    let feed: Vec<_> = (8..)
        .zip(&story)
        .map(|(position, decision)| FeedEvent {
            position: EventPosition(position),
            snapshot: text(decision),
        })
        .collect();
    let mut history = MockEventHistory::new();
    history.expect_list_events().once().returning(move |_, _| Ok(feed.clone()));
    let read = ReadHistory::new(Arc::new(history));
    let part = read.of_all(EventPosition(7), two()).await.unwrap();
    let expected: Vec<_> = (8..).map(EventPosition).zip(story.iter().map(snapshot)).collect();
    assert_eq!(part.events, expected);
    assert_eq!((part.last, part.has_more), (EventPosition(9), false));
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let mut history = MockEventHistory::new();
    history.expect_list_case_events().once().returning(|_, _, _| Ok(None));
    let read = ReadHistory::new(Arc::new(history));
    let number: CaseNumber = a_case_number(9);
    let outcome = read.of_case(&number, None, two()).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == number));
}

#[tokio::test]
async fn an_unreadable_snapshot_is_an_internal_error() {
    let mut history = MockEventHistory::new();
    let broken = FeedEvent { position: EventPosition(1), snapshot: "{}".to_owned() };
    history.expect_list_events().once().returning(move |_, _| Ok(vec![broken.clone()]));
    let outcome = ReadHistory::new(Arc::new(history)).of_all(EventPosition(0), two()).await;
    assert!(matches!(outcome, Err(RepositoryError::Internal(_))), "{outcome:?}");
}
