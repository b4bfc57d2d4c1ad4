//! The one thread that writes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use engage_repository::{ChangeSet, RepositoryError};
use tokio::sync::{mpsc, oneshot};

use crate::cases::apply;
use crate::error::repository_error;

/// How many change sets one transaction may hold. Enough for hundreds of connections to share a
/// flush, few enough that none waits long for the others.
const LARGEST_BATCH: usize = 256;

/// How many jobs may wait before callers wait to hand theirs in.
const QUEUE: usize = 1024;

type Answer = oneshot::Sender<Result<(), RepositoryError>>;
type Work = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

enum Job {
    /// To be committed together with others.
    Commit(Box<ChangeSet>, Answer),
    /// To be run by itself.
    Run(Work),
}

/// Hands jobs to the writing thread, which ends when the last of these is gone and the jobs handed
/// in before are done.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    _thread: Arc<ThreadGuard>,
}

/// Lets the last owner wait for the thread's end, so that a store that is dropped is closed.
struct ThreadGuard(Option<JoinHandle<()>>);

impl Drop for ThreadGuard {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take()
            && thread.join().is_err()
        {
            tracing::error!("the writing thread ended in a panic");
        }
    }
}

impl Writer {
    /// Starts the thread on a connection.
    pub(crate) fn start(connection: SqliteConnection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work(connection, queue))?;
        Ok(Self { jobs, _thread: Arc::new(ThreadGuard(Some(thread))) })
    }

    /// Commits a change set, together with those of other callers who wait.
    ///
    /// Once the job is handed in, it is done whether or not the caller is still there.
    pub(crate) async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        let (answer, outcome) = oneshot::channel();
        self.hand_in(Job::Commit(Box::new(change_set), answer)).await?;
        outcome.await.map_err(|_| gone())?
    }

    /// Runs something on the writing connection, by itself.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        self.hand_in(Job::Run(Box::new(move |connection| {
            // A caller who is gone needs no answer.
            let _ = answer.send(work(connection));
        })))
        .await?;
        outcome.await.map_err(|_| gone())?
    }

    async fn hand_in(&self, job: Job) -> Result<(), RepositoryError> {
        self.jobs.send(job).await.map_err(|_| gone())
    }
}

fn gone() -> RepositoryError {
    RepositoryError::unavailable("the writing thread is gone")
}

fn work(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Job>) {
    while let Some(job) = queue.blocking_recv() {
        let mut batch = Vec::new();
        let mut next = Some(job);
        while let Some(job) = next {
            match job {
                Job::Commit(change_set, answer) => batch.push((*change_set, answer)),
                Job::Run(work) => {
                    let before = std::mem::take(&mut batch);
                    survive(&mut connection, |connection| commit(connection, before));
                    survive(&mut connection, work);
                }
            }
            next = if batch.len() < LARGEST_BATCH { queue.try_recv().ok() } else { None };
        }
        survive(&mut connection, |connection| commit(connection, batch));
    }
}

/// Keeps the thread alive through a panic, whose callers see their answers' senders dropped.
fn survive(connection: &mut SqliteConnection, job: impl FnOnce(&mut SqliteConnection)) {
    if std::panic::catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
        tracing::error!("a write ended in a panic");
        // Fails only where no transaction was open.
        let _ = connection.batch_execute("ROLLBACK");
    }
}

/// Commits a batch and answers every caller. Where the batch fails as a whole, each change set runs
/// alone, so that one bad one fails alone.
fn commit(connection: &mut SqliteConnection, batch: Vec<(ChangeSet, Answer)>) {
    if batch.is_empty() {
        return;
    }
    let change_sets: Vec<&ChangeSet> = batch.iter().map(|(change_set, _)| change_set).collect();
    let outcome = transact(connection, &change_sets);
    match outcome {
        Ok(outcomes) => {
            for ((_, answer), outcome) in batch.into_iter().zip(outcomes) {
                let _ = answer.send(outcome);
            }
        }
        Err(error) => match <[_; 1]>::try_from(batch) {
            Ok([(_, answer)]) => drop(answer.send(Err(error))),
            Err(batch) => batch.into_iter().for_each(|one| commit(connection, vec![one])),
        },
    }
}

/// Applies change sets in one transaction. A change set that is stale or whose number is taken is
/// refused for itself, having written nothing; any other failure undoes and fails the whole.
fn transact(
    connection: &mut SqliteConnection,
    change_sets: &[&ChangeSet],
) -> Result<Vec<Result<(), RepositoryError>>, RepositoryError> {
    in_transaction(connection, |connection| {
        change_sets
            .iter()
            .map(|change_set| match apply(connection, change_set) {
                Ok(()) => Ok(Ok(())),
                Err(refusal @ (RepositoryError::Conflict | RepositoryError::Duplicate { .. })) => {
                    Ok(Err(refusal))
                }
                Err(failure) => Err(failure),
            })
            .collect()
    })
}

/// Runs something in a transaction that takes the write lock at once.
///
/// Not diesel's own transaction: SQLite rolls back by itself on some failures (a full disk), after
/// which diesel's bookkeeping would refuse the connection.
pub(crate) fn in_transaction<T>(
    connection: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError>,
) -> Result<T, RepositoryError> {
    connection.batch_execute("BEGIN IMMEDIATE").map_err(repository_error)?;
    let outcome = body(connection).and_then(|value| {
        connection.batch_execute("COMMIT").map_err(repository_error)?;
        Ok(value)
    });
    if outcome.is_err() {
        // Fails only where SQLite has rolled back already.
        let _ = connection.batch_execute("ROLLBACK");
    }
    outcome
}
