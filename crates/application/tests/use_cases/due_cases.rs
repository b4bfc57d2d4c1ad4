//! The background worker for due cases.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engage_application::{DueCaseRunner, DueCaseSettings, ProcessDueCase};
use engage_domain::{Case, CaseNumber, Timestamp};
use engage_repository::{DueCase, MockCaseRepository, MockDueCases, RepositoryError, StoredCase};
use engage_testkit::ManualClock;
use engage_testkit::builders::{an_opened, minutes_later};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::process_due_case::due;
use crate::setup::{Setup, a_clock_at, a_setup};

/// A query for due cases.
struct Query {
    at: Instant,
    after: Option<DueCase>,
}

/// In-memory storage of cases that records the queries.
#[derive(Clone, Default)]
struct FakeStorage {
    cases: Arc<Mutex<HashMap<CaseNumber, Case>>>,
    /// Number of times each case was read to change it.
    reads: Arc<Mutex<BTreeMap<u64, u32>>>,
    queries: Arc<Mutex<Vec<Query>>>,
    /// Cases that cannot be read.
    broken: Arc<Mutex<Vec<u64>>>,
    is_down: Arc<Mutex<bool>>,
}

impl FakeStorage {
    fn with(sequences: impl IntoIterator<Item = u64>) -> Self {
        let storage = Self::default();
        for sequence in sequences {
            storage.put(an_opened(sequence).case);
        }
        storage
    }

    fn put(&self, case: Case) {
        self.cases.lock().unwrap().insert(case.number().clone(), case);
    }

    /// Versions of all cases by sequence number.
    fn versions(&self) -> BTreeMap<u64, u32> {
        let cases = self.cases.lock().unwrap();
        cases.values().map(|case| (case.number().sequence(), case.version().get())).collect()
    }

    fn reads_of(&self, sequence: u64) -> u32 {
        self.reads.lock().unwrap().get(&sequence).copied().unwrap_or_default()
    }

    fn repository(&self) -> MockCaseRepository {
        let mut mock = MockCaseRepository::new();
        let storage = self.clone();
        mock.expect_find_case().returning(move |number| {
            *storage.reads.lock().unwrap().entry(number.sequence()).or_default() += 1;
            if storage.broken.lock().unwrap().contains(&number.sequence()) {
                return Err(RepositoryError::unavailable("a broken page"));
            }
            let case = storage.cases.lock().unwrap().get(number).cloned();
            Ok(case.map(|case| StoredCase::new(case, None)))
        });
        let storage = self.clone();
        mock.expect_commit().returning(move |change_set| {
            storage.put(change_set.case);
            Ok(())
        });
        mock
    }

    fn due_cases(&self) -> MockDueCases {
        let mut mock = MockDueCases::new();
        let storage = self.clone();
        mock.expect_list_due_cases().returning(move |now, after, limit| {
            storage
                .queries
                .lock()
                .unwrap()
                .push(Query { at: Instant::now(), after: after.clone() });
            if *storage.is_down.lock().unwrap() {
                return Err(RepositoryError::unavailable("no connection"));
            }
            Ok(storage.list(now, after.as_ref(), limit))
        });
        mock
    }

    fn list(&self, now: Timestamp, after: Option<&DueCase>, limit: NonZeroU32) -> Vec<DueCase> {
        let cases = self.cases.lock().unwrap();
        let is_due = |case: &&Case| case.facts().next_action_at.is_some_and(|at| at <= now);
        let mut list: Vec<_> = cases.values().filter(is_due).map(due).collect();
        let key = |case: &DueCase| (case.due_at, case.id.as_u128());
        list.sort_by_key(key);
        list.retain(|case| after.is_none_or(|after| key(case) > key(after)));
        list.truncate(limit.get() as usize);
        list
    }
}

struct Running {
    clock: Arc<ManualClock>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a runner when all ordinary cases are due for a warning.
    fn start(storage: &FakeStorage, settings: DueCaseSettings) -> Self {
        let clock = a_clock_at(3 * 60);
        let setup = Setup { clock: clock.clone(), ..a_setup(storage.repository()) };
        let changes = Arc::new(setup.changes());
        let apply_due_action = ProcessDueCase::new(changes, Arc::new(storage.due_cases()));
        let runner = DueCaseRunner::new(
            apply_due_action,
            Arc::new(storage.due_cases()),
            clock.clone(),
            settings,
        );
        let (stop, stopped) = watch::channel(false);
        Self { clock, stop, task: tokio::spawn(runner.run(stopped)) }
    }
}

fn of_pages(page: u32) -> DueCaseSettings {
    DueCaseSettings { page: NonZeroU32::new(page).unwrap(), ..DueCaseSettings::default() }
}

/// Waits long enough for one poll, but not for the next.
async fn a_moment() {
    sleep(Duration::from_millis(100)).await;
}

#[tokio::test(start_paused = true)]
async fn all_due_cases_are_processed_across_pages() {
    let storage = FakeStorage::with(1..=23);
    let late = an_opened(24).case.into_facts();
    storage.put(Case::from_facts(engage_domain::CaseFacts {
        next_action_at: Some(minutes_later(500)),
        ..late
    }));
    let _running = Running::start(&storage, of_pages(10));
    a_moment().await;
    let versions = storage.versions();
    assert!((1..=23).all(|sequence| versions[&sequence] == 2), "{versions:?}");
    assert_eq!(versions[&24], 1);
    assert!(
        (1..=23).all(|sequence| storage.reads_of(sequence) == 2),
        "one read for the change, one for the next action"
    );
    assert_eq!(storage.reads_of(24), 0);
    let lists: Vec<_> =
        storage.queries.lock().unwrap().iter().map(|query| query.after.clone()).collect();
    assert_eq!(lists.len(), 3);
    assert_eq!(lists[0], None);
    assert!(lists[1].is_some() && lists[2].is_some() && lists[1] != lists[2]);
}

#[tokio::test(start_paused = true)]
async fn it_polls_every_second_and_follows_the_clock() {
    let storage = FakeStorage::with([1]);
    let running = Running::start(&storage, DueCaseSettings::default());
    a_moment().await;
    assert_eq!(storage.versions()[&1], 2);
    // The target is missed after four hours.
    running.clock.set(minutes_later(4 * 60));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(storage.versions()[&1], 2);
    assert_eq!(storage.reads_of(1), 2);
    running.clock.set(minutes_later(4 * 60).plus(Duration::from_millis(1)));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(storage.versions()[&1], 3);
    let queries: Vec<_> = storage.queries.lock().unwrap().iter().map(|query| query.at).collect();
    assert_eq!(queries.len(), 12);
    assert!(queries.windows(2).all(|pair| pair[1] - pair[0] == Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn a_failing_case_is_skipped_for_a_minute_and_does_not_block_others() {
    let storage = FakeStorage::with(1..=5);
    storage.broken.lock().unwrap().extend([1, 2, 3]);
    let _running = Running::start(&storage, of_pages(2));
    sleep(Duration::from_secs(30)).await;
    assert_eq!([1, 2, 3].map(|sequence| storage.reads_of(sequence)), [1; 3]);
    assert_eq!([4, 5].map(|sequence| storage.versions()[&sequence]), [2; 2]);
    storage.broken.lock().unwrap().clear();
    sleep(Duration::from_secs(32)).await;
    assert!(storage.versions().values().all(|version| *version == 2), "{:?}", storage.versions());
}

#[tokio::test(start_paused = true)]
async fn it_resumes_once_storage_is_available_again() {
    let storage = FakeStorage::with([1]);
    *storage.is_down.lock().unwrap() = true;
    let _running = Running::start(&storage, DueCaseSettings::default());
    sleep(Duration::from_secs(5)).await;
    assert_eq!(storage.versions()[&1], 1);
    *storage.is_down.lock().unwrap() = false;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(storage.versions()[&1], 2);
}

#[tokio::test(start_paused = true)]
async fn it_processes_no_more_cases_after_being_stopped() {
    let storage = FakeStorage::with([]);
    let running = Running::start(&storage, DueCaseSettings::default());
    a_moment().await;
    running.stop.send(true).unwrap();
    running.task.await.unwrap();
    storage.put(an_opened(1).case);
    sleep(Duration::from_mins(5)).await;
    assert_eq!(storage.versions()[&1], 1);
    assert_eq!(storage.reads_of(1), 0);

    // It also stops when the sender is dropped.
    let running = Running::start(&FakeStorage::default(), DueCaseSettings::default());
    drop(running.stop);
    running.task.await.unwrap();
}
