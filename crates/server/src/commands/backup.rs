//! Command that copies the database and the attachments into an archive. It works while servers are
//! running.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use engage_attachments::AttachmentContents;
use engage_backup::{Archive, Attachments, BackedUp, BackupRequest, Manifest, back_up};
use engage_environment::Clock;
use engage_repository::AttachmentStore;
use engage_system::SystemClock;
use serde_json::json;
use tracing::warn;

use super::output::print;
use crate::settings::Settings;
use crate::storage::Storage;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BackupOptions {
    #[command(subcommand)]
    pub(crate) check: Option<BackupCheck>,
    /// The file to write. It contains personal data and is readable for its owner only.
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Leave out the contents of attachments, for example if the bucket is backed up by itself.
    #[arg(long)]
    without_attachments: bool,
    /// Replace the file if it exists, once the new one is complete.
    #[arg(long)]
    overwrite: bool,
    /// Print a JSON object with the manifest.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(crate) enum BackupCheck {
    /// Read a whole backup, and check that it is complete and undamaged. Needs neither a database
    /// nor settings.
    Verify {
        /// The backup.
        file: PathBuf,
        /// Print a JSON object with the manifest.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(settings: &Settings, options: &BackupOptions) -> anyhow::Result<()> {
    let target = options.file.as_deref().context("name the file to write")?;
    let database = Storage::backup(settings)?;
    let contents = contents(settings, options.without_attachments)?;
    let request = BackupRequest {
        database: database.as_ref(),
        contents: contents.as_ref().map(|contents| contents as &dyn AttachmentStore),
        target,
        replaces: options.overwrite,
        program: env!("CARGO_PKG_VERSION"),
        at: SystemClock.now(),
    };
    let BackedUp { manifest, bytes } = back_up(request).await.context("cannot back up")?;
    warn_of_files(&manifest.attachments);
    if options.json {
        return print_manifest(target, bytes, &manifest);
    }
    let (file, contents) = (target.display(), in_words(&manifest));
    print(&format!("Backed up {contents} to {file} ({bytes} bytes)."))
}

pub(crate) fn check(BackupCheck::Verify { file, json }: &BackupCheck) -> anyhow::Result<()> {
    let archive = Archive::open(file)?;
    archive.verify()?;
    let manifest = archive.manifest();
    if *json {
        return print_manifest(file, archive.bytes(), manifest);
    }
    let Manifest { created_at, program, store, .. } = manifest;
    let (file, contents) = (file.display(), in_words(manifest));
    print(&format!(
        "{file} is intact: {contents}, backed up at {created_at} from {store} by engage {program}."
    ))?;
    let Attachments { missing, damaged, .. } = &manifest.attachments;
    if missing.is_empty() && damaged.is_empty() {
        return Ok(());
    }
    let (missing, damaged) = (missing.len(), damaged.len());
    print(&format!(
        "{missing} attachments were missing and {damaged} damaged when it was made; --json lists them."
    ))
}

/// Opens the storage of attachments unless they are left out.
pub(super) fn contents(
    settings: &Settings,
    are_left_out: bool,
) -> anyhow::Result<Option<AttachmentContents>> {
    if are_left_out {
        return Ok(None);
    }
    let attachments = &settings.attachments;
    let opened =
        AttachmentContents::open(&attachments.url, &attachments.s3(&settings.network.resolver));
    opened.map(Some).context("cannot open the attachment storage (attachments.url)")
}

fn warn_of_files(attachments: &Attachments) {
    for id in &attachments.missing {
        warn!(%id, "the content of an attachment is missing, and thus not in the backup");
    }
    for file in &attachments.damaged {
        warn!(id = %file.id, "the content of an attachment is damaged; the backup has it as it is");
    }
}

/// Describes what a backup contains.
pub(super) fn in_words(manifest: &Manifest) -> String {
    let rows = |name: &str| {
        let table = manifest.tables.iter().find(|table| table.name == name);
        table.map_or(0, |table| table.rows)
    };
    let Attachments { included, files, .. } = manifest.attachments;
    let files = if included { files.to_string() } else { "no".to_owned() };
    format!("{} cases, {} members of staff and {files} attachments", rows("cases"), rows("staff"))
}

fn print_manifest(file: &Path, bytes: u64, manifest: &Manifest) -> anyhow::Result<()> {
    let file = file.display().to_string();
    print(&json!({ "file": file, "bytes": bytes, "manifest": manifest }).to_string())
}
