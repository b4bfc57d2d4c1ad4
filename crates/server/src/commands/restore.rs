//! Command that restores a backup into an empty database.

use std::path::PathBuf;

use anyhow::Context;
use engage_application::{Act, AuditAction, Initiator};
use engage_backup::{Archive, Manifest, RestoreRequest, restore};
use engage_repository::{AttachmentStore, Restored, WaitingNotifications};
use serde_json::json;

use super::administration;
use super::backup::{contents, in_words};
use super::output::print;
use crate::settings::Settings;
use crate::storage::Storage;

#[derive(clap::Args)]
pub(crate) struct RestoreOptions {
    /// The backup. Servers and dispatchers of the database must be stopped.
    file: PathBuf,
    /// Leave the contents of attachments as they are.
    #[arg(long)]
    without_attachments: bool,
    /// Make dead letters of the notifications that were waiting when the backup was made, instead
    /// of delivering them, possibly for a second time.
    #[arg(long)]
    hold_notifications: bool,
    /// Print a JSON object with the manifest of the backup.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(settings: &Settings, options: &RestoreOptions) -> anyhow::Result<()> {
    let archive = Archive::open(&options.file)?;
    let database = Storage::backup(settings)?;
    let contents = contents(settings, options.without_attachments)?;
    let waiting = if options.hold_notifications {
        WaitingNotifications::Hold
    } else {
        WaitingNotifications::Deliver
    };
    let request = RestoreRequest {
        archive: &archive,
        database: database.as_ref(),
        contents: contents.as_ref().map(|contents| contents as &dyn AttachmentStore),
        waiting,
    };
    let restored = restore(request).await.context("cannot restore the backup")?;
    record(settings, archive.manifest()).await?;
    report(options, archive.manifest(), restored)
}

/// Records the restoration at the end of the restored audit log.
async fn record(settings: &Settings, manifest: &Manifest) -> anyhow::Result<()> {
    let storage = Storage::attach(settings).await?;
    let act = Act::new(AuditAction::BackupRestored)
        .set("createdAt", manifest.created_at.to_string())
        .set("program", manifest.program.clone());
    let log = administration(&storage).audit_log();
    let recorded = log.append(&Initiator::command_line(), act).await;
    recorded.context("the backup was restored, but that cannot be recorded in the audit log")
}

fn report(options: &RestoreOptions, manifest: &Manifest, restored: Restored) -> anyhow::Result<()> {
    let Restored { waiting_notifications } = restored;
    let is_held = options.hold_notifications;
    if options.json {
        let file = options.file.display().to_string();
        let report = json!({
            "file": file,
            "manifest": manifest,
            "waitingNotifications": waiting_notifications,
            "notificationsHeld": is_held,
        });
        return print(&report.to_string());
    }
    let (contents, at) = (in_words(manifest), manifest.created_at);
    print(&format!("Restored {contents}, backed up at {at}."))?;
    if waiting_notifications == 0 {
        return Ok(());
    }
    print(&format!(
        "{waiting_notifications} notifications were waiting for delivery at that time."
    ))?;
    print(if is_held {
        "They are now dead letters, and can be sent again."
    } else {
        "The next server delivers them, even those that were delivered after the backup."
    })
}
