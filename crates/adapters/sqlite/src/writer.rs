//! The one thread that writes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use engage_repository::RepositoryError;
use tokio::sync::{mpsc, oneshot};

use crate::error::repository_error;

/// How many writes one transaction may hold. Enough for hundreds of connections to share a
/// flush, few enough that none waits long for the others.
const LARGEST_BATCH: usize = 256;

/// How many jobs may wait before callers wait to hand theirs in.
const QUEUE: usize = 1024;

type Work = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

enum Job {
    /// To be committed together with others.
    Write(Box<dyn Write>),
    /// To be run by itself, outside of a transaction.
    Run(Work),
}

/// One caller's part of a transaction.
trait Write: Send {
    /// Writes, and keeps the answer for when that is committed. May be called again, after the
    /// transaction was undone. An error fails the whole transaction.
    fn apply(&mut self, connection: &mut SqliteConnection) -> Result<(), RepositoryError>;

    /// Answers the caller: what was kept where the transaction was committed, else why it was not.
    fn answer(self: Box<Self>, outcome: Result<(), RepositoryError>);
}

struct Pending<T, F> {
    work: F,
    result: Option<Result<T, RepositoryError>>,
    answer: oneshot::Sender<(Result<T, RepositoryError>, F)>,
}

impl<T, F> Write for Pending<T, F>
where
    T: Send,
    F: FnMut(&mut SqliteConnection) -> Result<T, RepositoryError> + Send,
{
    fn apply(&mut self, connection: &mut SqliteConnection) -> Result<(), RepositoryError> {
        match (self.work)(connection) {
            Err(failure @ (RepositoryError::Unavailable(_) | RepositoryError::Internal(_))) => {
                Err(failure)
            }
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), RepositoryError>) {
        let Self { work, result, answer } = *self;
        let answered = outcome.and_then(|()| result.unwrap_or_else(|| Err(gone())));
        // The work goes back, so that freeing what it holds costs this thread nothing. A caller who
        // is gone needs no answer.
        let _ = answer.send((answered, work));
    }
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

    /// Writes in a transaction, together with other callers who wait.
    ///
    /// A refusal ([`RepositoryError::Conflict`], [`RepositoryError::Duplicate`]) concerns this
    /// caller alone, so `work` must come to it before it has written anything. Once the job is
    /// handed in, it is done whether or not the caller is still there.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnMut(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        self.hand_in(Job::Write(Box::new(Pending { work, result: None, answer }))).await?;
        let (answered, _) = outcome.await.map_err(|_| gone())?;
        answered
    }

    /// Runs something on the writing connection, by itself and outside of a transaction.
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
                Job::Write(write) => batch.push(write),
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

/// Commits a batch and answers every caller. Where the batch fails as a whole, each part of it runs
/// alone, so that one bad one fails alone.
fn commit(connection: &mut SqliteConnection, mut batch: Vec<Box<dyn Write>>) {
    if batch.is_empty() {
        return;
    }
    let outcome = in_transaction(connection, |connection| {
        batch.iter_mut().try_for_each(|write| write.apply(connection))
    });
    match outcome {
        Err(_) if batch.len() > 1 => {
            for write in batch {
                commit(connection, vec![write]);
            }
        }
        Err(failure) => {
            if let Some(only) = batch.pop() {
                only.answer(Err(failure));
            }
        }
        Ok(()) => batch.into_iter().for_each(|write| write.answer(Ok(()))),
    }
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
