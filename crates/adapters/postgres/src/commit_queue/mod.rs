//! Group commit: the change sets of waiting callers are committed together.

mod rows;
mod statement;

use std::collections::HashSet;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::CaseId;
use engage_repository::{ChangeSet, RepositoryError, UniqueConstraint};
use engage_sql::schema::{directory, events};
use engage_sql::{DbId, WRITE_QUEUE};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::connections::Connections;
use crate::error::duplicate;
use crate::idempotency_keys::is_used;
use crate::outbox_signal::OutboxNotifier;
use crate::revision::{lock_notifications, revise};
use statement::{Batch, Kind, Rows};

/// Maximum number of change sets in one statement.
const LARGEST_BATCH: usize = 64;

/// Number of statements that run at once. With two, one batch gathers while another commits. More would
/// make the batches smaller and gain nothing.
const WORKERS: usize = 2;

type CommitResult = oneshot::Sender<Result<(), RepositoryError>>;

struct Job {
    rows: Rows,
    result: CommitResult,
}

/// Submits change sets to the tasks that commit them, which end when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct CommitQueue(mpsc::Sender<Job>);

impl CommitQueue {
    pub(crate) fn start(connections: &Connections) -> Self {
        let (jobs, queue) = mpsc::channel(WRITE_QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let notifier = OutboxNotifier::start(connections);
        for _ in 0..WORKERS {
            tokio::spawn(work(connections.clone(), notifier.clone(), Arc::clone(&queue)));
        }
        Self(jobs)
    }

    /// Commits a change set, together with those of other waiting callers. A submitted change set is
    /// committed even if the caller is gone.
    pub(crate) async fn commit(&self, change_set: &ChangeSet) -> Result<(), RepositoryError> {
        let rows = Rows::new(change_set)?;
        let (result, outcome) = oneshot::channel();
        self.0.send(Job { rows, result }).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn gone() -> RepositoryError {
    RepositoryError::unavailable("the commit tasks have ended")
}

async fn work(
    connections: Connections,
    notifier: OutboxNotifier,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
) {
    loop {
        let mut jobs = Vec::new();
        // Takes all waiting jobs, and waits only if there is none.
        if queue.lock().await.recv_many(&mut jobs, LARGEST_BATCH).await == 0 {
            return;
        }
        while !jobs.is_empty() {
            let (batch, later) = one_of_each(jobs);
            let (new, changed): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|job| job.rows.kind == Kind::Open);
            let (alone, changed): (Vec<_>, Vec<_>) =
                changed.into_iter().partition(|job| job.rows.is_committed_alone());
            let alone = alone.into_iter().map(|job| (Kind::Change, vec![job]));
            for (kind, part) in
                [(Kind::Open, new), (Kind::Change, changed)].into_iter().chain(alone)
            {
                let has_notifications = part.iter().any(|job| job.rows.has_notifications());
                commit(&connections, kind, part).await;
                if has_notifications {
                    notifier.notify();
                }
            }
            jobs = later;
        }
    }
}

/// Splits off jobs that one statement cannot commit together: later changes of a case, of which it would
/// apply only one; later changes under an idempotency key, for which it would fail; and changes that
/// were planned with another version of the directory than the first.
///
/// The others are sorted by case id, so that batches of several servers lock rows in the same order.
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

/// Commits a batch and sends every caller its result. If the batch fails because of its content, each
/// part of it is committed alone, so that one bad change set fails alone.
async fn commit(connections: &Connections, kind: Kind, jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    let rows: Vec<&Rows> = jobs.iter().map(|job| &job.rows).collect();
    let batch = Batch::new(kind, &rows);
    let committed = match rows.as_slice() {
        [only] if only.is_committed_alone() => try_commit_alone(connections, &batch, only).await,
        _ => try_commit(connections, &batch).await,
    };
    match committed {
        Ok(committed) => {
            for job in jobs {
                let outcome = if committed.contains(&job.rows.case_id) {
                    Ok(())
                } else {
                    settle(connections, &job.rows).await
                };
                // A caller that is gone needs no result.
                let _ = job.result.send(outcome);
            }
        }
        Err(RepositoryError::Internal(_) | RepositoryError::Duplicate { .. }) if jobs.len() > 1 => {
            for job in jobs {
                Box::pin(commit(connections, kind, vec![job])).await;
            }
        }
        Err(failure @ (RepositoryError::Internal(_) | RepositoryError::Duplicate { .. })) => {
            // A batch of one.
            if let Some(job) = jobs.into_iter().next() {
                // Of two overlapping commits under one key, one cannot see the other before it fails.
                let failure = match has_used_key(connections, &job.rows).await {
                    Ok(true) => {
                        RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey }
                    }
                    Ok(false) => failure,
                    Err(other) => other,
                };
                let _ = job.result.send(Err(failure));
            }
        }
        Err(failure) => {
            let cause = std::error::Error::source(&failure).map(ToString::to_string);
            let cause = cause.unwrap_or_default();
            for job in jobs {
                let _ = job.result.send(Err(RepositoryError::unavailable(cause.clone())));
            }
        }
    }
}

/// Commits a batch with one statement. Returns the cases whose change sets were committed.
async fn try_commit(
    connections: &Connections,
    batch: &Batch,
) -> Result<HashSet<DbId<CaseId>>, RepositoryError> {
    let committed: QueryResult<Vec<_>> = connections.try_run(async |c| batch.load(c).await).await?;
    let committed = committed.map_err(committed_error)?;
    Ok(committed.into_iter().collect())
}

/// Commits a batch of one change set that cancels notifications or has a revision. Returns the case if it
/// was committed.
async fn try_commit_alone(
    connections: &Connections,
    batch: &Batch,
    rows: &Rows,
) -> Result<HashSet<DbId<CaseId>>, RepositoryError> {
    let commit = async |c: &mut AsyncPgConnection| {
        c.transaction(async |c| {
            if rows.cancels_notifications() {
                lock_notifications(c, rows.case_id).await?;
            }
            let committed: Vec<DbId<CaseId>> = batch.load(c).await?;
            if let (Some(revision), false) = (&rows.revision, committed.is_empty()) {
                revise(c, rows.case_id, rows.version, revision).await?;
            }
            Ok::<_, DieselError>(committed)
        })
        .await
    };
    let committed = connections.try_run(commit).await?.map_err(committed_error)?;
    Ok(committed.into_iter().collect())
}

fn committed_error(error: DieselError) -> RepositoryError {
    duplicate(error, &[("attachments_pkey", UniqueConstraint::Attachment)])
}

/// Determines why the statement did not commit a change set. It was committed before, its idempotency key
/// is used, or the directory, the case or its number has changed.
async fn settle(connections: &Connections, rows: &Rows) -> Result<(), RepositoryError> {
    let same = events::table.filter(events::id.eq(rows.event_id));
    let exists = diesel::select(diesel::dsl::exists(same));
    let is_committed = connections.run(async |c| exists.get_result(c).await).await?;
    if is_committed {
        return Ok(());
    }
    if has_used_key(connections, rows).await? {
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

async fn has_used_key(connections: &Connections, rows: &Rows) -> Result<bool, RepositoryError> {
    match rows.key {
        Some(key) => is_used(connections, key).await,
        None => Ok(false),
    }
}
