//! Background workers.

use std::sync::Arc;

use anyhow::Context;
use engage_application::{
    Attachments, CaseChanges, DueCaseRunner, DueCaseSettings, ProcessDueCase, Retention,
    RetentionWorker,
};
use tokio::task::JoinHandle;

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::SystemClock;

/// Builds the worker that raises SLA alerts and auto-closes cases.
pub(crate) fn due_cases(storage: &Storage, changes: Arc<CaseChanges>) -> DueCaseRunner {
    let process = ProcessDueCase::new(changes, storage.store());
    DueCaseRunner::new(process, storage.store(), Arc::new(SystemClock), DueCaseSettings::default())
}

/// Builds the worker that deletes expired data.
pub(crate) fn retention_worker(
    settings: &Settings,
    storage: &Storage,
    attachments: Attachments,
) -> RetentionWorker {
    let retention = Retention {
        messages: settings.retention.messages,
        audit: settings.retention.audit,
        interval: settings.retention.interval,
    };
    RetentionWorker::new(attachments, storage.store(), storage.store(), storage.store(), retention)
}

/// Workers that run until they are stopped.
pub(crate) struct Background {
    pub(crate) dispatcher: JoinHandle<()>,
    pub(crate) due_case_worker: JoinHandle<()>,
    pub(crate) retention_worker: JoinHandle<()>,
}

impl Background {
    /// Waits until all workers have ended.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        self.retention_worker.await.context("the retention worker panicked")?;
        self.due_case_worker.await.context("the due-case worker panicked")?;
        self.dispatcher.await.context("the dispatcher panicked")
    }
}
