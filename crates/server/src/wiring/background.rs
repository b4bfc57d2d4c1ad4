//! The workers beside the API.

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

/// Builds the worker that deletes what is past its retention.
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

/// Workers that run until they are told to stop.
pub(crate) struct Background {
    pub(crate) dispatcher: JoinHandle<()>,
    pub(crate) due_case_worker: JoinHandle<()>,
    pub(crate) retention_worker: JoinHandle<()>,
}

impl Background {
    /// Waits for the end of all of it.
    pub(crate) async fn ended(self) -> anyhow::Result<()> {
        self.retention_worker.await.context("the retention worker ended in a panic")?;
        self.due_case_worker.await.context("the due-case worker ended in a panic")?;
        self.dispatcher.await.context("the dispatcher ended in a panic")
    }
}
