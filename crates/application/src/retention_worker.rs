//! Background worker that deletes expired data and updates the search index, in small batches.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use engage_repository::{AuditRepository, RepositoryError, RetentionRepository, SearchIndex};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::attachments::Attachments;

/// Maximum number of records deleted per batch.
const BATCH: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Maximum number of cases whose search words are rebuilt per batch. Changes to them have to wait.
const WORDS_BATCH: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// Retention of budget counts, longer than the window of any budget.
const BUDGET_USES: Duration = Duration::from_hours(25);

/// Pause between two batches, which leaves the database to other work.
const PAUSE_BETWEEN_BATCHES: Duration = Duration::from_millis(50);

/// Retention periods and the interval of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Retention of sent and cancelled notifications, with their attempts. The default is 90 days.
    pub messages: Duration,
    /// Retention of audit entries. The default is 730 days.
    pub audit: Duration,
    /// Interval at which expired data is deleted. The default is 10 minutes.
    pub interval: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            messages: Duration::from_hours(90 * 24),
            audit: Duration::from_hours(730 * 24),
            interval: Duration::from_mins(10),
        }
    }
}

/// Deletes unattached uploads and expired data. Rebuilds the search words of cases that were
/// indexed by an earlier version of the program.
///
/// Dead letters are retained, because they may still have to be sent again. Several workers may
/// share a database.
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc, time::Duration};
/// use engage_application::{Retention, RetentionWorker};
/// # use engage_application::{Attachments, SpaceFloor};
/// # use engage_attachments::AttachmentContents;
/// # use engage_domain::AttachmentId;
/// # use engage_repository::{Upload, UploadRepository};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::monday;
/// use tokio::sync::watch;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # const DAY: Duration = Duration::from_secs(24 * 3600);
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let clock = ManualClock::new();
/// # let attachments = Attachments {
/// #     contents: Arc::new(AttachmentContents::in_memory()),
/// #     uploads: store.clone(),
/// #     clock: Arc::new(clock.clone()),
/// #     ids: Arc::new(SystemIds),
/// #     lifetime: DAY,
/// #     floor: SpaceFloor::default(),
/// # };
/// # let (filename, content_type) = ("error.log".parse()?, "text/plain".parse()?);
/// # let (id, uploaded_by, created_at) = (AttachmentId::from_u128(7), None, monday());
/// # store.add_upload(&Upload { id, uploaded_by, filename, content_type, created_at }).await?;
/// # let (index, audit) = (store.clone(), store.clone());
/// let retention = Retention { messages: 90 * DAY, audit: 400 * DAY, interval: DAY / 24 };
/// let worker = RetentionWorker::new(attachments, store.clone(), index, audit, retention);
/// clock.advance(2 * DAY);
/// let (stop, stopped) = watch::channel(false);
/// let running = tokio::spawn(worker.run(stopped));
///
/// # let limit = NonZeroU32::MIN;
/// # engage_testkit::contract::in_time(async {
/// #     while !store.list_expired_uploads(clock.now(), limit).await.unwrap().is_empty() {
/// #         tokio::task::yield_now().await;
/// #     }
/// # })
/// # .await;
/// // An upload that no update has taken for two days is deleted.
/// stop.send(true)?;
/// running.await?;
/// assert_eq!(store.list_expired_uploads(clock.now(), limit).await?, []);
/// # Ok(())
/// # }
/// ```
pub struct RetentionWorker {
    attachments: Attachments,
    records: Arc<dyn RetentionRepository>,
    index: Arc<dyn SearchIndex>,
    audit: Arc<dyn AuditRepository>,
    retention: Retention,
}

impl RetentionWorker {
    /// Creates the worker. The lifetime of uploads is a property of `attachments`.
    pub fn new(
        attachments: Attachments,
        records: Arc<dyn RetentionRepository>,
        index: Arc<dyn SearchIndex>,
        audit: Arc<dyn AuditRepository>,
        retention: Retention,
    ) -> Self {
        Self { attachments, records, index, audit, retention }
    }

    /// Runs until `stop` becomes true or its sender is dropped. The current batch is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            self.round(&stop).await;
            tokio::select! {
                () = tokio::time::sleep(self.retention.interval) => {}
                _ = stop.wait_for(|is_over| *is_over) => return,
            }
        }
    }

    /// Deletes all expired data, unless stopped.
    async fn round(&self, stop: &watch::Receiver<bool>) {
        for what in [
            Expired::Uploads,
            Expired::Notifications,
            Expired::Responses,
            Expired::BudgetUses,
            Expired::AuditEntries,
        ] {
            self.clear(what, stop).await;
        }
        self.renew_words(stop).await;
        if let Err(error) = self.attachments.measure(stop).await {
            let cause = error.causes();
            warn!(%error, cause, "failed to measure the files; retrying later");
        }
    }

    /// Rebuilds search words until all are up to date.
    async fn renew_words(&self, stop: &watch::Receiver<bool>) {
        let mut total = 0;
        while !*stop.borrow() {
            match self.index.renew_words(WORDS_BATCH).await {
                Ok(0) => break,
                Ok(count) => total += count,
                Err(error) => {
                    let cause = error.causes();
                    warn!(%error, cause, "failed to rebuild search words; retrying later");
                    break;
                }
            }
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
        }
        if total > 0 {
            info!(total, "rebuilt the search words of cases from an earlier version");
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
                    let cause = error.causes();
                    warn!(%error, cause, ?what, "failed to delete expired data; retrying later");
                    break;
                }
            }
            tokio::time::sleep(PAUSE_BETWEEN_BATCHES).await;
        }
        if total > 0 {
            info!(?what, total, "deleted expired data");
        }
    }

    /// Deletes a batch and returns the number of records in it.
    async fn delete(&self, what: Expired) -> Result<u64, RepositoryError> {
        let now = self.attachments.clock.now();
        match what {
            Expired::Uploads => self.attachments.sweep(BATCH).await,
            Expired::Notifications => {
                self.records.prune_messages(now.minus(self.retention.messages), BATCH).await
            }
            Expired::Responses => self.records.prune_responses(now, BATCH).await,
            Expired::BudgetUses => {
                self.records.prune_budget_uses(now.minus(BUDGET_USES), BATCH).await
            }
            Expired::AuditEntries => {
                self.audit.cut_audit(now.minus(self.retention.audit), BATCH).await
            }
        }
    }
}

/// Kinds of data that expire.
#[derive(Debug, Clone, Copy)]
enum Expired {
    /// Uploads that were not attached.
    Uploads,
    /// Finished notifications.
    Notifications,
    /// Stored responses to requests with an idempotency key.
    Responses,
    /// Budget counts.
    BudgetUses,
    /// The oldest entries of the audit log.
    AuditEntries,
}
