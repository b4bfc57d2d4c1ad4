//! Changes to the same case within one process, which wait for each other instead of racing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engage_application::{CaseError, Changed, UpdateCase, UpdateCaseError};
use engage_domain::{Case, CaseNumber, UpdateRequest, Visibility};
use engage_repository::{CaseRepository, ChangeSet, RepositoryError, StoredCase};
use engage_testkit::builders::{a_case_number, an_opened};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::setup::{Setup, a_colleague, a_setup, attachments, by_member};

/// Duration of every storage operation, during which other tasks run.
const DELAY: Duration = Duration::from_millis(10);

/// Slow storage that counts conflicts.
#[derive(Clone, Default)]
struct SlowCases {
    cases: Arc<Mutex<HashMap<CaseNumber, Case>>>,
    reads: Arc<AtomicUsize>,
    conflicts: Arc<AtomicUsize>,
}

impl SlowCases {
    fn with(sequences: impl IntoIterator<Item = u64>) -> Self {
        let opened = sequences.into_iter().map(|sequence| an_opened(sequence).case);
        let cases = opened.map(|case| (case.number().clone(), case)).collect();
        Self { cases: Arc::new(Mutex::new(cases)), ..Self::default() }
    }

    fn case(&self, sequence: u64) -> Case {
        self.cases.lock().unwrap()[&a_case_number(sequence)].clone()
    }
}

#[async_trait]
impl CaseRepository for SlowCases {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        sleep(DELAY).await;
        let case = self.cases.lock().unwrap().get(number).cloned();
        Ok(case.map(|case| StoredCase::new(case, None)))
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        sleep(DELAY).await;
        let mut cases = self.cases.lock().unwrap();
        let case = cases.get_mut(change_set.case.number()).unwrap();
        if Some(case.version()) == change_set.base_version() {
            *case = change_set.case;
            Ok(())
        } else {
            self.conflicts.fetch_add(1, Ordering::SeqCst);
            Err(RepositoryError::Conflict)
        }
    }
}

fn updating(cases: &SlowCases, patience: Duration) -> UpdateCase {
    let setup = Setup { patience, ..a_setup(cases.clone()) };
    UpdateCase::new(Arc::new(setup.changes()), attachments())
}

async fn note(update: UpdateCase, sequence: u64) -> Result<Changed, CaseError<UpdateCaseError>> {
    let request = UpdateRequest {
        message: Some("Noted.".parse().unwrap()),
        visibility: Visibility::Internal,
        status_change: None,
        attachments: Vec::new(),
        ..UpdateRequest::default()
    };
    let eve = a_colleague("eve");
    let outcome = update.execute(by_member(sequence, &eve), request, &[], &eve.id).await?;
    Ok(outcome.into_changed().expect("a change without a key cannot be a repetition"))
}

#[tokio::test(start_paused = true)]
async fn fifty_concurrent_changes_of_one_case_are_made_one_after_the_other() {
    let cases = SlowCases::with([1]);
    let update = updating(&cases, Duration::from_secs(30));
    let began = Instant::now();
    let tasks: JoinSet<_> = (0..50).map(|_| note(update.clone(), 1)).collect();
    let mut versions: Vec<_> =
        tasks.join_all().await.into_iter().map(|made| made.unwrap().case.version().get()).collect();

    versions.sort_unstable();
    assert_eq!(versions, (2..=51).collect::<Vec<_>>());
    assert_eq!(cases.case(1).version().get(), 51);
    assert_eq!(cases.conflicts.load(Ordering::SeqCst), 0);
    // Every change that had to wait reads the case again.
    assert_eq!(cases.reads.load(Ordering::SeqCst), 50 + 49);
    assert_eq!(began.elapsed(), DELAY * 2 * 50);
}

#[tokio::test(start_paused = true)]
async fn changes_of_different_cases_do_not_wait_for_each_other() {
    let cases = SlowCases::with(1..=20);
    let update = updating(&cases, Duration::from_secs(2));
    let began = Instant::now();
    let tasks: JoinSet<_> = (1..=20).map(|sequence| note(update.clone(), sequence)).collect();
    for outcome in tasks.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(began.elapsed(), DELAY * 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_waits_too_long_fails_as_busy() {
    let cases = SlowCases::with([1]);
    let update = updating(&cases, DELAY / 2);
    let first = tokio::spawn(note(update.clone(), 1));
    sleep(Duration::from_millis(1)).await;
    let began = Instant::now();
    let outcome = note(update, 1).await;
    assert!(matches!(outcome, Err(CaseError::Busy)), "{outcome:?}");
    assert_eq!(began.elapsed(), DELAY + DELAY / 2);
    first.await.unwrap().expect("the first one is not disturbed");
    assert_eq!(cases.case(1).version().get(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_change_releases_the_lock() {
    let cases = SlowCases::with([1]);
    let update = updating(&cases, Duration::from_secs(2));
    let abandoned = tokio::spawn(note(update.clone(), 1));
    let waiting = tokio::spawn(note(update.clone(), 1));
    let began = Instant::now();
    sleep(DELAY + Duration::from_millis(1)).await;
    abandoned.abort();
    waiting.await.unwrap().unwrap();
    // It acquires the lock after a millisecond and reads the case again.
    assert_eq!(began.elapsed(), DELAY * 3 + Duration::from_millis(1));
    assert_eq!(cases.case(1).version().get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_change_releases_the_lock() {
    let cases = SlowCases::with([1]);
    let update = updating(&cases, Duration::from_secs(2));
    let absent = note(update.clone(), 2).await;
    assert!(matches!(absent, Err(CaseError::NotFound(_))), "{absent:?}");
    let began = Instant::now();
    let absent = note(update, 2).await;
    assert!(matches!(absent, Err(CaseError::NotFound(_))), "{absent:?}");
    assert_eq!(began.elapsed(), DELAY);
}
