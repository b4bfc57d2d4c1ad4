//! The writer thread.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::JoinHandle;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use engage_repository::RepositoryError;
use engage_sql::WRITE_QUEUE;
use tokio::sync::{mpsc, oneshot};

use crate::error::{WorkError, WorkResult};

/// Maximum number of writes in one transaction. Hundreds of callers can share a flush, and none waits
/// long for the others.
const LARGEST_BATCH: usize = 256;

type Work = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

enum Job {
    /// Committed together with others.
    Write(Box<dyn Write>),
    /// Run alone, outside of a transaction.
    Run(Work),
}

/// The part of a transaction that one caller submitted.
trait Write: Send {
    /// Writes, and holds the result until the commit. May be called again after the transaction was
    /// rolled back. An error fails the whole transaction.
    fn apply(&mut self, connection: &mut SqliteConnection) -> WorkResult<()>;

    /// Sends the caller the result if the transaction was committed, or else the error.
    fn answer(self: Box<Self>, outcome: WorkResult<()>);
}

struct Pending<T, F> {
    work: F,
    result: Option<WorkResult<T>>,
    answer: oneshot::Sender<(WorkResult<T>, F)>,
}

impl<T, F> Write for Pending<T, F>
where
    T: Send,
    F: FnMut(&mut SqliteConnection) -> WorkResult<T> + Send,
{
    fn apply(&mut self, connection: &mut SqliteConnection) -> WorkResult<()> {
        match (self.work)(connection) {
            Err(WorkError(
                failure @ (RepositoryError::Unavailable(_) | RepositoryError::Internal(_)),
            )) => Err(failure.into()),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, outcome: WorkResult<()>) {
        let Self { work, result, answer } = *self;
        let answered = outcome.and_then(|()| result.unwrap_or_else(|| Err(gone().into())));
        // The work goes back, so that this thread need not free it. A caller that is gone needs no
        // result.
        let _ = answer.send((answered, work));
    }
}

/// Submits jobs to the writer thread, which ends once the last handle is dropped and all submitted jobs
/// are done.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    _thread: Arc<ThreadGuard>,
}

/// Makes the last owner wait for the end of the thread, so that a dropped store is closed.
struct ThreadGuard(Option<JoinHandle<()>>);

impl Drop for ThreadGuard {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread panicked");
        }
    }
}

impl Writer {
    /// Starts the thread with a connection.
    pub(crate) fn start(connection: SqliteConnection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(WRITE_QUEUE);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work(connection, queue))?;
        Ok(Self { jobs, _thread: Arc::new(ThreadGuard(Some(thread))) })
    }

    /// Writes in one transaction with other waiting callers.
    ///
    /// [`RepositoryError::Conflict`] and [`RepositoryError::Duplicate`] fail this caller alone, so `work`
    /// must return them before it has written anything. A submitted job is done even if the caller is
    /// gone.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnMut(&mut SqliteConnection) -> WorkResult<T> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        self.hand_in(Job::Write(Box::new(Pending { work, result: None, answer }))).await?;
        let (answered, _) = outcome.await.map_err(|_| gone())?;
        Ok(answered?)
    }

    /// Runs work alone on the writer's connection, outside of a transaction.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> WorkResult<T> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        self.hand_in(Job::Run(Box::new(move |connection| {
            // A caller that is gone needs no result.
            let _ = answer.send(work(connection));
        })))
        .await?;
        Ok(outcome.await.map_err(|_| gone())??)
    }

    async fn hand_in(&self, job: Job) -> Result<(), RepositoryError> {
        self.jobs.send(job).await.map_err(|_| gone())
    }
}

fn gone() -> RepositoryError {
    RepositoryError::unavailable("the writer thread has ended")
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

/// Runs a job so that the thread survives a panic. Its callers see their channels closed.
fn survive(connection: &mut SqliteConnection, job: impl FnOnce(&mut SqliteConnection)) {
    if std::panic::catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
        tracing::error!("a write panicked");
        // Fails only if no transaction was open.
        let _ = connection.batch_execute("ROLLBACK");
    }
}

/// Commits a batch and sends every caller its result. If the batch fails, each part of it runs alone, so
/// that one bad part fails alone.
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

/// Runs work in a transaction that acquires the write lock at once.
///
/// A transaction of diesel would not do: SQLite rolls back automatically on some failures, such as a full
/// disk, after which diesel would reject the connection.
pub(crate) fn in_transaction<T>(
    connection: &mut SqliteConnection,
    body: impl FnOnce(&mut SqliteConnection) -> WorkResult<T>,
) -> WorkResult<T> {
    connection.batch_execute("BEGIN IMMEDIATE")?;
    let outcome = body(connection).and_then(|value| {
        connection.batch_execute("COMMIT")?;
        Ok(value)
    });
    if outcome.is_err() {
        // Fails only if SQLite has rolled back already.
        let _ = connection.batch_execute("ROLLBACK");
    }
    outcome
}
