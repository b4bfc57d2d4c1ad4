//! Group commit: change sets of callers who wait are kept together.

mod statement;

use std::collections::HashSet;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_repository::{ChangeSet, RepositoryError, UniqueConstraint};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use crate::connections::Connections;
use crate::error::{repository_error, violates};
use crate::idempotency_rows::is_used;
use crate::outbox_signal::OutboxNotifier;
use crate::schema::{directory, events};
use statement::{Batch, Kind, Rows};

/// How many change sets one statement may keep.
const LARGEST_BATCH: usize = 64;

/// How many change sets may wait before callers wait to hand theirs in.
const QUEUE: usize = 1024;

/// How many statements are under way at once. With two, one batch gathers while another commits;
/// more would make the batches small and gain nothing.
const WORKERS: usize = 2;

type CommitResult = oneshot::Sender<Result<(), RepositoryError>>;

struct Job {
    rows: Rows,
    answer: CommitResult,
}

/// Hands change sets to the tasks that keep them, which end when the last of these is gone.
#[derive(Clone)]
pub(crate) struct CommitQueue(mpsc::Sender<Job>);

impl CommitQueue {
    pub(crate) fn start(connections: &Connections) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let announcer = OutboxNotifier::start(connections);
        for _ in 0..WORKERS {
            tokio::spawn(work(connections.clone(), announcer.clone(), Arc::clone(&queue)));
        }
        Self(jobs)
    }

    /// Keeps a change set, together with those of other callers who wait. Once it is handed in, it
    /// is kept whether or not the caller is still there.
    pub(crate) async fn commit(&self, change_set: &ChangeSet) -> Result<(), RepositoryError> {
        let rows = Rows::new(change_set)?;
        let (answer, outcome) = oneshot::channel();
        self.0.send(Job { rows, answer }).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn gone() -> RepositoryError {
    RepositoryError::unavailable("the tasks that commit are gone")
}

async fn work(
    connections: Connections,
    announcer: OutboxNotifier,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
) {
    loop {
        let mut jobs = Vec::new();
        // Takes what waits, and waits only where nothing does.
        if queue.lock().await.recv_many(&mut jobs, LARGEST_BATCH).await == 0 {
            return;
        }
        while !jobs.is_empty() {
            let (batch, later) = one_of_each(jobs);
            let (new, changed): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|job| job.rows.kind == Kind::Open);
            for (kind, part) in [(Kind::Open, new), (Kind::Change, changed)] {
                let has_messages = part.iter().any(|job| job.rows.has_messages());
                keep(&connections, kind, part).await;
                if has_messages {
                    announcer.notify();
                }
            }
            jobs = later;
        }
    }
}

/// Splits off the second and later changes of a case, of which one statement would apply only one, and
/// those under one idempotency key, for which it would fail, and those that were planned by another
/// version of the directory than the first.
/// What is left is in the order of the cases' ids, so that batches of several servers lock rows in
/// the same order.
fn one_of_each(jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let (mut cases, mut keys) = (HashSet::new(), HashSet::new());
    let planned_by = jobs.as_slice().first().map(|job| job.rows.directory);
    let (mut batch, later): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| {
        planned_by == Some(job.rows.directory)
            && cases.insert(job.rows.case_id)
            && job.rows.key.is_none_or(|used| keys.insert(used.key))
    });
    batch.sort_by_key(|job| job.rows.case_id);
    (batch, later)
}

/// Keeps a batch and answers every caller. Where the batch fails for what is in it, each part of it
/// is kept alone, so that one bad change set fails alone.
async fn keep(connections: &Connections, kind: Kind, jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    let rows: Vec<&Rows> = jobs.iter().map(|job| &job.rows).collect();
    match try_keep(connections, &Batch::new(kind, &rows)).await {
        Ok(kept) => {
            for job in jobs {
                let outcome = if kept.contains(&job.rows.case_id) {
                    Ok(())
                } else {
                    settle(connections, &job.rows).await
                };
                // A caller who is gone needs no answer.
                let _ = job.answer.send(outcome);
            }
        }
        Err(RepositoryError::Internal(_) | RepositoryError::Duplicate { .. }) if jobs.len() > 1 => {
            for job in jobs {
                Box::pin(keep(connections, kind, vec![job])).await;
            }
        }
        Err(failure @ (RepositoryError::Internal(_) | RepositoryError::Duplicate { .. })) => {
            // A batch of one.
            if let Some(job) = jobs.into_iter().next() {
                // Of two commits under one key that overlap, one cannot see the other before it fails.
                let _ =
                    job.answer.send(Err(match uses_a_taken_key(connections, &job.rows).await {
                        Ok(true) => RepositoryError::Duplicate {
                            constraint: UniqueConstraint::IdempotencyKey,
                        },
                        Ok(false) => failure,
                        Err(other) => other,
                    }));
            }
        }
        Err(failure) => {
            let said = std::error::Error::source(&failure).map(ToString::to_string);
            let said = said.unwrap_or_default();
            for job in jobs {
                let _ = job.answer.send(Err(RepositoryError::unavailable(said.clone())));
            }
        }
    }
}

/// The cases whose change sets were kept, all of them in one statement.
async fn try_keep(
    connections: &Connections,
    batch: &Batch,
) -> Result<HashSet<Uuid>, RepositoryError> {
    let kept: QueryResult<Vec<Uuid>> = connections.try_run(async |c| batch.load(c).await).await?;
    match kept {
        Ok(kept) => Ok(kept.into_iter().collect()),
        Err(error) if violates(&error, "attachments_pkey") => {
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment })
        }
        Err(error) => Err(repository_error(error)),
    }
}

/// Why a change set was not kept: it was kept before, its key is taken, or the directory, the case or
/// its number is not as it assumed.
async fn settle(connections: &Connections, rows: &Rows) -> Result<(), RepositoryError> {
    let same = events::table.filter(events::id.eq(rows.event_id));
    let exists = diesel::select(diesel::dsl::exists(same));
    let is_kept = connections.run(async |c| exists.get_result(c).await).await?;
    if is_kept {
        return Ok(());
    }
    if uses_a_taken_key(connections, rows).await? {
        return Err(RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey });
    }
    if is_outdated(connections, rows).await? {
        return Err(RepositoryError::Outdated);
    }
    match rows.kind {
        Kind::Open => Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber }),
        Kind::Change => Err(RepositoryError::Conflict),
    }
}

async fn is_outdated(connections: &Connections, rows: &Rows) -> Result<bool, RepositoryError> {
    let Some(planned_by) = rows.directory else { return Ok(false) };
    let select = directory::table.select(directory::version);
    let version: i64 = connections.run(async |c| select.first(c).await).await?;
    Ok(version != planned_by)
}

async fn uses_a_taken_key(connections: &Connections, rows: &Rows) -> Result<bool, RepositoryError> {
    match rows.key {
        Some(key) => is_used(connections, key).await,
        None => Ok(false),
    }
}
