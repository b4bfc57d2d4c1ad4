use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{CaseNumber, Version};
use engage_repository::{EventHistory, EventOrigin, FeedEvent};
use engage_testkit::builders::{a_change_set, an_opened};
use tokio::time::{Instant, sleep, timeout};

use super::reading::PATIENCE;
use super::watch::POLL;
use super::*;

/// A feed with an event at every third position, which counts queries.
#[derive(Default)]
struct Events {
    made: AtomicUsize,
    queries: AtomicUsize,
    is_away: std::sync::atomic::AtomicBool,
    hangs: std::sync::atomic::AtomicBool,
}

const GAP: u64 = 3;

impl Events {
    fn make(&self, count: usize) {
        self.made.fetch_add(count, Ordering::SeqCst);
    }

    fn queries(&self) -> usize {
        self.queries.swap(0, Ordering::SeqCst)
    }

    async fn query(&self) -> Result<(), RepositoryError> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(RepositoryError::unavailable("away")) } else { Ok(()) }
    }
}

#[async_trait]
impl EventHistory for Events {
    async fn list_case_events(
        &self,
        _: &CaseNumber,
        _: Option<Version>,
        _: NonZeroU32,
    ) -> Result<Option<Vec<String>>, RepositoryError> {
        panic!("the feed does not read single cases")
    }

    async fn list_event_origins(
        &self,
        _: &CaseNumber,
        _: Option<Version>,
        _: NonZeroU32,
    ) -> Result<Option<Vec<(Version, EventOrigin)>>, RepositoryError> {
        panic!("the feed does not read single cases")
    }

    async fn list_events(
        &self,
        after: EventPosition,
        limit: NonZeroU32,
    ) -> Result<Vec<FeedEvent>, RepositoryError> {
        self.query().await?;
        let made = self.made.load(Ordering::SeqCst) as u64;
        let snapshot = a_change_set(an_opened(1), Vec::new()).snapshot;
        let positions = (1..=made).map(|event| event * GAP).filter(|position| *position > after.0);
        let events = positions.map(|position| FeedEvent {
            position: EventPosition(position),
            snapshot: snapshot.clone(),
        });
        Ok(events.take(limit.get() as usize).collect())
    }

    async fn last_position(&self) -> Result<EventPosition, RepositoryError> {
        self.query().await?;
        Ok(EventPosition(self.made.load(Ordering::SeqCst) as u64 * GAP))
    }
}

fn events(made: usize) -> (Arc<Events>, FollowEvents) {
    let events = Arc::new(Events::default());
    events.make(made);
    let history = ReadHistory::new(events.clone());
    (events, FollowEvents::new(history))
}

fn positions(events: &[FollowedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.0.0).collect()
}

/// Reads up to an event and returns the positions of all events received.
async fn follow(follower: &mut Follower, up_to: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.last() != Some(&(up_to * GAP)) {
        seen.extend(positions(&follower.next().await.unwrap()));
        assert!(seen.len() <= 1_000_000, "{seen:?}");
    }
    seen
}

fn all_after(event: u64, up_to: u64) -> Vec<u64> {
    (event + 1..=up_to).map(|event| event * GAP).collect()
}

#[tokio::test(start_paused = true)]
async fn stored_events_come_first_and_new_ones_follow() {
    let (events, feed) = events(250);
    let mut follower = feed.after(EventPosition(30));
    assert_eq!(positions(&follower.ready().await.unwrap()), all_after(10, 60));
    assert_eq!(follow(&mut follower, 250).await, all_after(60, 250));
    for made in [251, 252] {
        let waited_since = Instant::now();
        let (seen, ()) = tokio::join!(follow(&mut follower, made), async {
            sleep(Duration::from_secs(7)).await;
            events.make(1);
        });
        assert_eq!(seen, [made * GAP]);
        assert!(waited_since.elapsed() <= Duration::from_secs(7) + POLL);
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_nothing_is_ready() {
    let (_, feed) = events(2);
    let mut follower = feed.after(EventPosition(6));
    assert!(follower.ready().await.unwrap().is_empty());
    let mut beyond = feed.after(EventPosition(100));
    assert!(beyond.ready().await.unwrap().is_empty());
    assert!(timeout(Duration::from_mins(1), beyond.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn many_followers_cause_no_more_queries_than_one() {
    let (events, feed) = events(0);
    let mut followers: Vec<_> = (0..100).map(|_| feed.after(EventPosition(0))).collect();
    for follower in &mut followers {
        assert!(follower.ready().await.unwrap().is_empty());
    }
    sleep(POLL).await;
    events.queries();
    let following = followers.iter_mut().map(|follower| follow(follower, 40));
    let (seen, ()) = tokio::join!(futures_util::future::join_all(following), async {
        for _ in 0..40 {
            sleep(Duration::from_millis(250)).await;
            events.make(1);
        }
    });
    assert!(seen.iter().all(|seen| *seen == all_after(0, 40)));
    // Ten seconds, with two queries per second.
    let queries = events.queries();
    assert!((19..=23).contains(&queries), "{queries}");
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_is_far_behind_reads_from_storage() {
    let (events, feed) = events(0);
    let mut slow = feed.after(EventPosition(0));
    let mut quick = feed.after(EventPosition(0));
    for made in 1..=1000 {
        events.make(1);
        follow(&mut quick, made).await;
    }
    assert_eq!(follow(&mut slow, 1000).await, all_after(0, 1000));
}

#[tokio::test(start_paused = true)]
async fn polling_stops_without_followers() {
    let (events, feed) = events(1);
    let mut follower = feed.after(EventPosition(0));
    assert_eq!(positions(&follower.next().await.unwrap()), [GAP]);
    drop(follower);
    sleep(POLL * 2).await;
    events.queries();
    sleep(Duration::from_mins(1)).await;
    assert_eq!(events.queries(), 0);
    let mut another = feed.after(EventPosition(GAP));
    events.make(1);
    assert_eq!(positions(&another.next().await.unwrap()), [2 * GAP]);
}

#[tokio::test(start_paused = true)]
async fn following_fails_if_events_cannot_be_read_and_can_be_restarted() {
    let (events, feed) = events(1);
    let mut followers = [feed.after(EventPosition(0)), feed.after(EventPosition(0))];
    for follower in &mut followers {
        follow(follower, 1).await;
    }
    sleep(POLL * 2).await;
    events.is_away.store(true, Ordering::SeqCst);
    for follower in &mut followers {
        assert!(matches!(follower.next().await, Err(RepositoryError::Unavailable(_))));
    }
    let mut too_early = feed.after(EventPosition(GAP));
    assert!(too_early.ready().await.is_err());
    events.is_away.store(false, Ordering::SeqCst);
    events.make(1);
    assert_eq!(follow(&mut feed.after(EventPosition(GAP)), 2).await, [2 * GAP]);
}

#[tokio::test(start_paused = true)]
async fn following_fails_if_a_query_hangs() {
    let (events, feed) = events(1);
    let mut follower = feed.after(EventPosition(0));
    follow(&mut follower, 1).await;
    events.hangs.store(true, Ordering::SeqCst);
    let since = Instant::now();
    assert!(follower.next().await.is_err());
    assert!(since.elapsed() <= PATIENCE + POLL * 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_wait_loses_no_events() {
    let (events, feed) = events(0);
    let mut follower = feed.after(EventPosition(0));
    let mut seen = Vec::new();
    while seen.len() < 50 {
        events.make(1);
        if let Ok(new) = timeout(Duration::from_millis(130), follower.next()).await {
            seen.extend(positions(&new.unwrap()));
        }
    }
    assert_eq!(seen[..50], all_after(0, 50));
}
