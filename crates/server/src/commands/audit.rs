//! What was done by whom, written down.

use std::sync::Arc;

use anyhow::Context;
use engage_application::{AuditLog, AuditRecorder, AuditSealer};

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

pub(crate) fn recorder() -> AuditRecorder {
    AuditRecorder::new(Arc::new(SystemClock), Arc::new(SystemIds))
}

pub(crate) fn log(storage: &Storage) -> AuditLog {
    AuditLog::new(Arc::clone(&storage.audit), recorder(), Arc::new(SystemClock))
}

pub(crate) fn sealer(storage: &Storage) -> AuditSealer {
    AuditSealer::new(log(storage))
}

/// Writes down that a server starts.
pub(crate) async fn note_start(storage: &Storage, settings: &Settings) -> anyhow::Result<()> {
    // Secrets are hidden in it.
    let settings = format!("{settings:?}");
    let noted = log(storage).note_start(env!("CARGO_PKG_VERSION"), &settings).await;
    noted.context("cannot write down the start in the audit log")
}
