//! Deletes what nobody needs any more, and renews what is of an earlier version, a little at a time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_repository::{AuditRepository, RepositoryError, RetentionRepository, SearchIndex};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::attachments::Attachments;
use crate::error_cause::cause_of;

/// How many things are deleted at once.
const BATCH: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Of how many cases the words are made anew at once, while nobody else can write to them.
const WORDS_BATCH: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// How long counts of budgets are kept: longer than any budget looks back.
const BUDGET_USES: Duration = Duration::from_hours(25);

/// How long others may work between two batches.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(50);

/// How long what is done with is kept, and how often to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Messages that were sent or cancelled, with their attempts.
    pub messages: Duration,
    /// Entries of the audit log.
    pub audit: Duration,
    /// How long to pause between two rounds.
    pub interval: Duration,
}

/// Sweeps uploads that no update took, and prunes what is older than it is to be kept. Dead letters
/// are kept: somebody may still want them sent. Makes the words anew by which an earlier version of the
/// program found its cases.
///
/// Any number may work on one store: what two of them delete is gone once.
pub struct RetentionWorker {
    attachments: Attachments,
    records: Arc<dyn RetentionRepository>,
    index: Arc<dyn SearchIndex>,
    audit: Arc<dyn AuditRepository>,
    retention: Retention,
}

impl RetentionWorker {
    /// Keeps house in a store. How long uploads are kept, the attachments know.
    pub fn new(
        attachments: Attachments,
        records: Arc<dyn RetentionRepository>,
        index: Arc<dyn SearchIndex>,
        audit: Arc<dyn AuditRepository>,
        retention: Retention,
    ) -> Self {
        Self { attachments, records, index, audit, retention }
    }

    /// Works until `stop` becomes true (or its sender is gone); a batch that is under way is
    /// finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            self.round(&stop).await;
            tokio::select! {
                () = tokio::time::sleep(self.retention.interval) => {}
                _ = stop.wait_for(|is_over| *is_over) => return,
            }
        }
    }

    /// Deletes all there is to delete now, or until told to stop.
    async fn round(&self, stop: &watch::Receiver<bool>) {
        for what in [
            Expired::Uploads,
            Expired::Messages,
            Expired::Answers,
            Expired::BudgetUses,
            Expired::AuditEntries,
        ] {
            self.clear(what, stop).await;
        }
        self.renew_words(stop).await;
        if let Err(error) = self.attachments.measure(stop).await {
            let cause = cause_of(&error);
            warn!(%error, cause, "the files were not measured; it is tried again");
        }
    }

    /// Makes words anew until none are of an earlier version.
    async fn renew_words(&self, stop: &watch::Receiver<bool>) {
        let mut total = 0;
        while !*stop.borrow() {
            match self.index.renew_words(WORDS_BATCH).await {
                Ok(0) => break,
                Ok(count) => total += count,
                Err(error) => {
                    let cause = cause_of(&error);
                    warn!(%error, cause, "words were not made anew; it is tried again");
                    break;
                }
            }
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
        }
        if total > 0 {
            info!(total, "cases are found by the words of this version");
        }
    }

    /// Deletes batches until one is not full.
    async fn clear(&self, what: Expired, stop: &watch::Receiver<bool>) {
        let mut total = 0;
        while !*stop.borrow() {
            match self.delete(what).await {
                Ok(count) => {
                    total += count;
                    if count < u64::from(BATCH.get()) {
                        break;
                    }
                }
                Err(error) => {
                    let cause = cause_of(&error);
                    warn!(%error, cause, ?what, "what is too old was not deleted; it is tried again");
                    break;
                }
            }
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
        }
        if total > 0 {
            info!(?what, total, "deleted what is too old");
        }
    }

    /// Deletes a batch, and returns how many things were in it.
    async fn delete(&self, what: Expired) -> Result<u64, RepositoryError> {
        let now = self.attachments.clock.now();
        match what {
            Expired::Uploads => self.attachments.sweep(BATCH).await,
            Expired::Messages => {
                self.records.prune_messages(now.minus(self.retention.messages), BATCH).await
            }
            Expired::Answers => self.records.prune_responses(now, BATCH).await,
            Expired::BudgetUses => {
                self.records.prune_budget_uses(now.minus(BUDGET_USES), BATCH).await
            }
            Expired::AuditEntries => {
                self.audit.cut_audit(now.minus(self.retention.audit), BATCH).await
            }
        }
    }
}

/// What nobody needs any more.
#[derive(Debug, Clone, Copy)]
enum Expired {
    /// Files that no update took.
    Uploads,
    /// Messages that are finished.
    Messages,
    /// Answers under idempotency keys.
    Answers,
    /// What budgets counted.
    BudgetUses,
    /// The beginning of the audit log.
    AuditEntries,
}
